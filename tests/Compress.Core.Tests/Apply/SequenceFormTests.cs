using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>The parts of transformers are written as ONNX Runtime's fused operators, whatever the exporter's order of factors, and compute the same.</summary>
[TestClass]
public sealed class SequenceFormTests
{
    [TestMethod]
    [DataRow("half of x times the sum")]
    [DataRow("x times half of the sum")]
    [DataRow("half of the product")]
    public void Every_way_to_write_gelu_becomes_one_operator(string form)
    {
        var builder = new ModelBuilder().Input("x", 2, 5, 8);
        string Scalar(float value) => builder.Constant(Tensor.Scalar(value));
        var sum = builder.Op("Add", [builder.Op("Erf", [builder.Op("Div", ["x", Scalar(MathF.Sqrt(2))])]), Scalar(1)]);
        var output = form switch
        {
            "half of x times the sum" => builder.Op("Mul", [builder.Op("Mul", ["x", Scalar(0.5f)]), sum]),
            "x times half of the sum" => builder.Op("Mul", ["x", builder.Op("Mul", [Scalar(0.5f), sum])]),
            _ => builder.Op("Mul", [builder.Op("Mul", ["x", sum]), Scalar(0.5f)]),
        };
        builder.Output(output);
        AssertSame(builder, SequenceForm.Apply(builder.Build(), pair: null), "Gelu");
    }

    [TestMethod]
    public void The_last_factor_of_gelu_is_not_folded_into_the_next_layer()
    {
        var builder = new ModelBuilder().Input("x", 2, 5, 8);
        string Scalar(float value) => builder.Constant(Tensor.Scalar(value));
        var sum = builder.Op("Add", [builder.Op("Erf", [builder.Op("Div", ["x", Scalar(MathF.Sqrt(2))])]), Scalar(1)]);
        var gelu = builder.Op("Mul", [builder.Op("Mul", ["x", sum]), Scalar(0.5f)]);
        builder.Output(builder.Op("MatMul", [gelu, builder.Constant(builder.Random(0.3, 8, 4))]));
        AssertSame(builder, SequenceForm.Apply(Folding.Apply(builder.Build()).Model, pair: null), "Gelu", "MatMul");
    }

    [TestMethod]
    public void A_residual_sum_and_its_normalization_become_one_operator_that_gives_the_sum_along()
    {
        var builder = Residual(readTwice: true, rows: -1);
        AssertSame(builder, SequenceForm.Apply(builder.Build(), Pair(builder, 2)), "Relu", "SkipLayerNormalization", "Tanh");
    }

    [TestMethod]
    public void A_sum_that_broadcasts_over_the_samples_stays_a_sum()
    {
        // One sample alone looks as if both sides had a row a sample.
        var builder = Residual(readTwice: false, rows: 1);
        AssertSame(builder, SequenceForm.Apply(builder.Build(), Pair(builder, 2)), "Relu", "Add", "LayerNormalization");
    }

    /// <summary>x + relu(y), y with as many rows as is said, -1 for any.</summary>
    private static ModelBuilder Residual(bool readTwice, long rows)
    {
        var builder = new ModelBuilder().Input("x", -1, 5, 8).Input("y", rows, 5, 8);
        var sum = builder.Op("Add", ["x", builder.Op("Relu", ["y"])]);
        var norm = builder.Op("LayerNormalization", [sum, builder.Constant(builder.Random(1, 8)), builder.Constant(builder.Random(1, 8))], node => node.Set("epsilon", 1e-6f));
        builder.Output(readTwice ? [norm, builder.Op("Tanh", [sum])] : [norm]);
        return builder;
    }

    private static IReadOnlyDictionary<string, ValueFacts> Pair(ModelBuilder builder, int samples) => ObservedShapes.Observe(builder.Build(), Feed(builder, samples));

    private static Dictionary<string, Tensor> Feed(ModelBuilder builder, int samples) => builder.Graph.Inputs.ToDictionary(
        input => input.Name, input => builder.Random(1, input.Type.TensorType.Shape.Dim[0] is { DimValue: > 0 and var rows } ? rows : samples, 5, 8));

    private static void AssertSame(ModelBuilder builder, OnnxModel written, params string[] operators)
    {
        CollectionAssert.AreEqual(operators, written.Graph.Nodes.Select(node => node.Op).ToArray());
        var feed = Feed(builder, 3);
        Assert.IsLessThan(1e-5, Compressing.RelativeError(Compressing.Run(builder.Build(), feed, optimize: false), Compressing.Run(written, feed, optimize: false)));
    }
}
