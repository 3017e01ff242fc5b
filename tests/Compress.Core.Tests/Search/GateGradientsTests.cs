using Compress.Analysis;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests.Search;

/// <summary>Derivatives without labels, against what the formulas of a softmax give.</summary>
[TestClass]
public sealed class GateGradientsTests
{
    [TestMethod]
    public void The_Fisher_information_of_logits_is_p_times_one_minus_p()
    {
        var builder = new ModelBuilder().Input("x", -1, 6);
        var logits = builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, 6, 4))]);
        var model = builder.Output().Build();
        var inputs = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 5).Random(1, 32, 6) };
        var facts = ModelFacts.Of(model, inputs);

        var fisher = new GateGradients(model, facts.Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 32)], new SessionSettings(), scores: model.Graph.Outputs[0].Name).Fisher(logits, 1)!;

        var z = ModelComparison.Run(model, inputs)[logits].Floats();
        var expected = new double[4];
        for (var n = 0; n < 32; n++)
        {
            var e = z.Skip(4 * n).Take(4).Select(value => Math.Exp(value)).ToArray();
            for (var k = 0; k < 4; k++) expected[k] += e[k] / e.Sum() * (1 - (e[k] / e.Sum()));
        }
        for (var k = 0; k < 4; k++) Assert.AreEqual(expected[k], fisher[k], 1e-4 * expected[k]);
    }

    [TestMethod]
    public void They_end_when_they_are_cancelled()
    {
        var builder = new ModelBuilder().Input("x", -1, 6);
        var logits = builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, 6, 4))]);
        var model = builder.Output().Build();
        var inputs = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 5).Random(1, 4, 6) };
        var gradients = new GateGradients(model, ModelFacts.Of(model, inputs).Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 4)], new SessionSettings(), scores: model.Graph.Outputs[0].Name, new CancellationToken(canceled: true));
        Assert.Throws<OperationCanceledException>(() => gradients.Fisher(logits, 1));
    }

    [TestMethod]
    public void Every_output_that_has_numbers_for_each_sample_counts()
    {
        var inputs = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 5).Random(1, 8, 6) };
        double[] Fisher(params string[] outputs)
        {
            var builder = new ModelBuilder().Input("x", -1, 6);
            var value = builder.Op("Relu", [builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, 6, 5))])]);
            var made = new Dictionary<string, string>
            {
                ["a"] = builder.Op("Gemm", [value, builder.Constant(builder.Random(1, 5, 4))]),
                ["b"] = builder.Op("Gemm", [value, builder.Constant(builder.Random(1, 5, 3))]),
                ["sum"] = builder.Op("ReduceSum", [value], node => node.Set("keepdims", 0)),
                ["row"] = builder.Op("ReduceSum", [value, builder.Constant(Tensor.List([0]))]),
                ["sequence"] = builder.Op("SplitToSequence", [value]),
                ["places"] = builder.Op("ArgMax", [value]),
            };
            foreach (var output in outputs) builder.Graph.Outputs.Add(new() { Name = made[output], Type = output == "sequence" ? new() { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = 1 } } } } : new() { TensorType = new() { ElemType = output == "places" ? 7 : 1 } } });
            var model = builder.Build();
            return new GateGradients(model, ModelFacts.Of(model, inputs).Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 8)], new SessionSettings(), scores: made["a"]).Fisher(value, 1) ?? [];
        }

        var (a, b) = (Fisher("a"), Fisher("b"));
        Assert.HasCount(5, a);
        foreach (var first in (string[])["sequence", "sum", "row", "places"]) CollectionAssert.AreEqual(a, Fisher(first, "a"), first);
        foreach (var (both, apart) in Fisher("a", "b").Zip(a.Zip(b, (one, other) => one + other))) Assert.AreEqual(apart, both, 1e-9);
        Assert.IsEmpty(Fisher("sequence", "sum"));
    }

    [TestMethod]
    public void A_value_with_the_samples_along_its_axis_has_none()
    {
        var builder = new ModelBuilder().Input("x", -1, 6);
        var logits = builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, 6, 4))]);
        var model = builder.Output().Build();
        var inputs = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 5).Random(1, 4, 6) };
        Assert.IsNull(new GateGradients(model, ModelFacts.Of(model, inputs).Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 4)], new SessionSettings(), scores: model.Graph.Outputs[0].Name).Fisher(logits, 0));
    }
}
