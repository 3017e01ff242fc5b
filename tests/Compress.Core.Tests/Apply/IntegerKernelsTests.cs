using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>What ONNX Runtime makes of a compressed model: integer kernels, and no detours between them. The census is of its optimized graph.</summary>
[TestClass]
public sealed class IntegerKernelsTests
{
    [TestMethod]
    [DataRow(8, 8)]
    [DataRow(4, 8)]
    [DataRow(8, 5)]
    [DataRow(3, 4)]
    public void Convolutions_pools_and_dense_layers_stay_in_integers(int weights, int activations)
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(8, 3).Relu();
        model.Op("MaxPool", [model.Last], node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]));
        model.Conv(8, 3).Relu().Flatten().Dense(10, 8 * 4 * 4).Relu().Dense(4, 10);

        var census = Census(model, weights, activations);

        Assert.AreEqual((2, 2, 1, 1), (census.GetValueOrDefault("QLinearConv"), census.GetValueOrDefault("QGemm"), census.GetValueOrDefault("MaxPool"), census.GetValueOrDefault("QuantizeLinear")), Text(census));
        AssertNone(census, "Conv", "Gemm", "FusedConv", "FusedGemm", "DequantizeLinear", "Relu");
        if (activations == 8) AssertNone(census, "Clip");
    }

    [TestMethod]
    public void Residual_sums_are_integer_additions()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(6, 3).Relu();
        var shortcut = model.Last;
        model.Conv(6, 3).Relu().Conv(6, 3).Add(shortcut, model.Last).Relu().GlobalPool().Flatten().Dense(3);

        var census = Census(model, 8, 8);

        Assert.AreEqual((3, 1, 1, 1, 1), (census.GetValueOrDefault("QLinearConv"), census.GetValueOrDefault("QLinearAdd"), census.GetValueOrDefault("QLinearGlobalAveragePool"), census.GetValueOrDefault("QGemm"), census.GetValueOrDefault("QuantizeLinear")), Text(census));
        AssertNone(census, "Conv", "Gemm", "Add", "DequantizeLinear", "Relu");
    }

    [TestMethod]
    public void Concatenations_join_integers()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(6, 3).Relu();
        var first = model.Last;
        var second = model.Conv(first, 4, 3).Relu().Last;
        var joined = model.Op("Concat", [first, second], node => node.Set("axis", 1));
        model.Op("Conv", [joined, model.Constant(model.Random(0.3, 5, 10, 1, 1), "w")]);

        var census = Census(model, 8, 8);

        Assert.AreEqual((3, 1), (census.GetValueOrDefault("QLinearConv"), census.GetValueOrDefault("QLinearConcat")), Text(census));
        AssertNone(census, "Conv", "Concat");
    }

    [TestMethod]
    public void A_float_operator_between_layers_is_an_island_and_no_more()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(6, 3);
        model.Op("Elu", [model.Last]);
        model.Conv(4, 3).Relu();

        var census = Census(model, 8, 8);

        Assert.AreEqual((2, 1, 2), (census.GetValueOrDefault("QLinearConv"), census.GetValueOrDefault("Elu"), census.GetValueOrDefault("QuantizeLinear")), Text(census));
        Assert.AreEqual(2, census.GetValueOrDefault("DequantizeLinear"), Text(census));
    }

    [TestMethod]
    public void Weights_of_float_layers_are_constants_once_loaded()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(6, 3).Relu().Conv(4, 3).GlobalPool().Flatten().Dense(3);

        var census = Census(model, 4, 32);

        Assert.AreEqual((0, 0, 0), (census.GetValueOrDefault("Cast"), census.GetValueOrDefault("Mul"), census.GetValueOrDefault("DequantizeLinear")), Text(census));
        AssertNone(census, "Split", "BitShift", "Reshape");
    }

    [TestMethod]
    public void Bounds_that_are_computed_while_the_model_runs_are_kept()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Input("high").Conv("x", 6, 3);
        var bounded = model.Op("Clip", [model.Last, model.Constant(Tensor.Scalar(0)), "high"]);
        model.Op("Conv", [bounded, model.Constant(model.Random(0.5, 4, 6, 1, 1), "w")]);
        var feed = new Dictionary<string, Tensor> { ["x"] = model.Random(1, 2, 3, 8, 8), ["high"] = Tensor.Scalar(0.5f) };
        var built = model.Build();
        var facts = Compressing.Facts(built, feed);

        var compressed = Lean.Apply(Compressing.Apply(facts, Compressing.Uniform(facts, 8)).Model);

        Assert.IsLessThan(0.05, Compressing.RelativeError(Compressing.Run(built, feed), Compressing.Run(compressed, feed)));
    }

    private static SortedDictionary<string, int> Census(ModelBuilder builder, int weights, int activations)
    {
        var facts = Compressing.Facts(builder.Build(), builder.Feed());
        var graph = OptimizedModel.Of(Lean.Apply(Compressing.Apply(facts, Compressing.Uniform(facts, weights, activations)).Model));
        return new(graph.Nodes.GroupBy(node => node.Op).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal);
    }

    private static void AssertNone(SortedDictionary<string, int> census, params string[] kinds) =>
        Assert.AreEqual("", string.Join(' ', kinds.Where(census.ContainsKey)), Text(census));

    private static string Text(SortedDictionary<string, int> census) => string.Join(", ", census.Select(entry => $"{entry.Key} {entry.Value}"));
}
