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

        var fisher = new GateGradients(model, facts.Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 32)], new SessionSettings(), areScores: true).Fisher(logits, 1)!;

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
    public void A_value_with_the_samples_along_its_axis_has_none()
    {
        var builder = new ModelBuilder().Input("x", -1, 6);
        var logits = builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, 6, 4))]);
        var model = builder.Output().Build();
        var inputs = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 5).Random(1, 4, 6) };
        Assert.IsNull(new GateGradients(model, ModelFacts.Of(model, inputs).Shapes, [new Batch(inputs, new Dictionary<string, Tensor>(), 4)], new SessionSettings(), areScores: true).Fisher(logits, 0));
    }
}
