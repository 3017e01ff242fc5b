using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Testing;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Apply;

/// <summary>A layer whose outputs vary in few directions becomes a product of two: the same function at its true rank, the best one of less rank below.</summary>
[TestClass]
public sealed class FactorizeTests
{
    private const int Rank = 3, Samples = 200;

    private readonly ModelBuilder builder = new();

    [TestMethod]
    public void Gemm_with_a_transposed_weight()
    {
        var weight = builder.Input("x", -1, 12).Constant(OfLowRank(20, 12));
        builder.Op("Gemm", ["x", weight, builder.Constant(builder.Random(1, 20))], node => node.Set("transB", 1));
        Same(["Gemm", "Gemm"], Samples, 12);
    }

    [TestMethod]
    public void Gemm_without_a_bias_gets_one()
    {
        builder.Input("x", -1, 12).Op("Gemm", ["x", builder.Constant(OfLowRank(12, 20))]);
        var model = Same(["Gemm", "Gemm"], Samples, 12);
        Assert.HasCount(3, model.Graph.Nodes[1].Inputs);
    }

    [TestMethod]
    public void MatMul_on_sequences_keeps_the_sum_behind_it()
    {
        var product = builder.Input("x", -1, 5, 12).Op("MatMul", ["x", builder.Constant(OfLowRank(12, 20))]);
        builder.Op("Add", [builder.Constant(builder.Random(1, 20)), product]);
        Same(["MatMul", "MatMul", "Add"], Samples, 5, 12);
    }

    [TestMethod]
    public void MatMul_without_a_bias_has_nothing_to_put_a_mean_into()
    {
        builder.Input("x", -1, 12).Op("MatMul", ["x", builder.Constant(OfLowRank(12, 20))]);
        Same(["MatMul", "MatMul"], Samples, 12);
    }

    [TestMethod]
    public void Conv_keeps_its_window_in_the_first_and_its_bias_in_the_second()
    {
        var weight = builder.Input("x", -1, 2, 9, 9).Constant(OfLowRank(16, 18).Reshape(16, 2, 3, 3));
        builder.Op("Conv", ["x", weight, builder.Constant(builder.Random(1, 16))], node => node.Set("kernel_shape", [3, 3]).Set("pads", [1, 0, 2, 1]).Set("strides", [2, 1]).Set("dilations", [1, 2]));
        var model = Same(["Conv", "Conv"], 40, 2, 9, 9);
        CollectionAssert.AreEqual(new long[] { 1, 1 }, model.Graph.Nodes[1].Ints("kernel_shape"));
        CollectionAssert.AreEqual(new long[] { 2, 1 }, model.Graph.Nodes[0].Ints("strides"));
    }

    [TestMethod]
    public void Below_the_true_rank_the_error_is_the_variance_that_lacks()
    {
        var weight = builder.Input("x", -1, 12).Constant(builder.Random(1, 20, 12));
        builder.Op("Gemm", ["x", weight, builder.Constant(builder.Random(1, 20))], node => node.Set("transB", 1));
        var (facts, layer, components) = Opened(felt: null, Samples, 12);

        var factored = Factorize.Apply(facts.Model, facts.Layers, new Dictionary<string, int> { [layer.Name] = 4 }, new Dictionary<string, OutputComponents> { [layer.Name] = components });

        var feed = facts.Samples[0].Inputs;
        var (exact, near) = (Matrix(Output(facts.Model, feed)), Matrix(Output(factored, feed)));
        var centered = exact - DenseOfRows(exact.ColumnSums() / Samples);
        var lacking = centered.Svd().S.Skip(4).Sum(value => value * value);
        Assert.AreEqual(lacking, (exact - near).PointwisePower(2).ColumnSums().Sum(), 1e-3 * lacking);
        Matrix<double> DenseOfRows(Vector<double> mean) => Matrix<double>.Build.Dense(Samples, 20, (_, c) => mean[c]);
    }

    [TestMethod]
    public void Outputs_that_the_loss_feels_more_lose_less()
    {
        var weight = builder.Input("x", -1, 12).Constant(builder.Random(1, 20, 12));
        builder.Op("Gemm", ["x", weight, builder.Constant(builder.Random(1, 20))], node => node.Set("transB", 1));
        double[] felt = [.. Enumerable.Range(0, 20).Select(output => output < 10 ? 100.0 : 1)];
        double Lost(double[]? weights)
        {
            var (facts, layer, components) = Opened(weights, Samples, 12);
            var factored = Factorize.Apply(facts.Model, facts.Layers, new Dictionary<string, int> { [layer.Name] = 4 }, new Dictionary<string, OutputComponents> { [layer.Name] = components });
            var difference = Matrix(Output(facts.Model, facts.Samples[0].Inputs)) - Matrix(Output(factored, facts.Samples[0].Inputs));
            return difference.SubMatrix(0, Samples, 0, 10).PointwisePower(2).ColumnSums().Sum();
        }
        Assert.IsLessThan(0.8 * Lost(null), Lost(felt));
    }

    [TestMethod]
    public void Outputs_that_do_not_vary_have_no_rank()
    {
        builder.Input("x", -1, 12).Op("Relu", ["x"]);
        var zero = builder.Op("Mul", [builder.Last, builder.Constant(Tensor.Scalar(0))]);
        builder.Op("Gemm", [zero, builder.Constant(builder.Random(1, 12, 20)), builder.Constant(builder.Random(1, 20))]);
        var (_, _, components) = Opened(felt: null, Samples, 12);
        Assert.AreEqual((0, 0, 0), (components.Rank(0.01), components.Rank(0), components.Most));
    }

    /// <summary>The model at the rank that its samples show, which is the true one.</summary>
    private OnnxModel Same(string[] operators, params int[] dims)
    {
        var (facts, layer, components) = Opened(felt: null, dims);
        var rank = components.Rank(1e-7);
        Assert.AreEqual(Rank, rank);

        var factored = Factorize.Apply(facts.Model, facts.Layers, new Dictionary<string, int> { [layer.Name] = rank }, new Dictionary<string, OutputComponents> { [layer.Name] = components });

        GraphRules.CheckAfter("factorizing", factored);
        CollectionAssert.AreEqual(operators, factored.Graph.Nodes.ConvertAll(node => node.Op));
        CollectionAssert.AreEqual(new[] { layer.Name + Factorize.First, layer.Name }, Layers.Of(factored).Select(own => own.Name).ToArray());
        Assert.IsFalse(factored.Graph.Constants.ContainsKey(layer.Weight));
        foreach (var batch in facts.Samples) Assert.AreEqual(0, ModelComparison.Difference(facts.Model, factored, batch.Inputs), 2e-4);
        return factored;
    }

    private (ModelFacts Facts, Layer Layer, OutputComponents Components) Opened(double[]? felt, params int[] dims)
    {
        var model = builder.Output().Build();
        long[] all = [.. dims.Select(dim => (long)dim)];
        var samples = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 7).Random(1, all) };
        var facts = ModelFacts.Of(model, new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 7).Random(1, [1, .. all[1..]]) }) with { Samples = [new Batch(samples, new Dictionary<string, Tensor>(), dims[0])] };
        var layer = facts.Layers.Single();
        var moments = LayerStatistics.Collect(facts, facts.Layers, 1)[layer.Name];
        var bias = layer.Bias is { } own && layer.Node.Inputs.Contains(own) ? model.Graph.Constants[own].Floats() : null;
        return (facts, layer, new OutputComponents(WeightMatrix.Of(layer, model.Graph.Constants[layer.Weight]), bias, moments, felt));
    }

    private Tensor OfLowRank(int rows, int columns)
    {
        var (a, b) = (builder.Random(1, rows, Rank).Floats(), builder.Random(1, Rank, columns).Floats());
        return Tensor.Of([.. Enumerable.Range(0, rows * columns).Select(i => Enumerable.Range(0, Rank).Sum(r => a[(i / columns * Rank) + r] * b[(r * columns) + (i % columns)]))], rows, columns);
    }

    private static Tensor Output(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed) => ModelComparison.Run(model, feed).Values.Single();

    private static Matrix<double> Matrix(Tensor tensor) => Matrix<double>.Build.Dense((int)tensor.Dims[0], (int)tensor.Dims[1], (r, c) => tensor.Floats()[(r * (int)tensor.Dims[1]) + c]);
}
