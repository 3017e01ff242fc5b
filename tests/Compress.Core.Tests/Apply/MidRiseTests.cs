using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Training;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Apply;

/// <summary>Weights of 2 and 3 bits on grids without zero: the nearest odd numbers, as small as any of their width, kept to by all that moves weights.</summary>
[TestClass]
public sealed class MidRiseTests
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void A_grid_has_as_many_points_as_the_width_has_codes_and_gives_the_nearest(int bits)
    {
        var grid = WeightGrid.MidRise(bits);
        int[] points = [.. Enumerable.Range(grid.Low, grid.High - grid.Low + 1).Where(int.IsOddInteger)];
        Assert.HasCount(1 << bits, points);
        float[] values = [.. Enumerable.Range(-100, 201).Select(i => i / 9.7f)];
        var rounded = new float[values.Length];
        grid.Round(values, rounded);

        for (var i = 0; i < values.Length; i++)
        {
            var nearest = points.Min(point => Math.Abs(point - (double)values[i]));
            Assert.Contains((int)rounded[i], points);
            Assert.AreEqual(nearest, Math.Abs(rounded[i] - (double)values[i]), 1e-6, $"{values[i]}");
            Assert.AreEqual(nearest, Math.Abs(grid.Round(values[i]) - values[i]), 1e-6, $"{values[i]}");
        }
    }

    [TestMethod]
    [DataRow(2, 0.8)]
    [DataRow(3, 0.9)]
    public void Weights_as_networks_have_them_are_nearer_to_it_and_weights_full_of_zeros_are_not(int bits, double share)
    {
        var random = new Random(bits);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        float[] normal = [.. Enumerable.Range(0, 4096).Select(_ => (float)Normal())], sparse = [.. normal.Select(weight => random.Next(4) > 0 ? 0 : weight)];

        Assert.IsTrue(Suits(normal, bits));
        Assert.IsFalse(Suits(sparse, bits));
        Assert.IsLessThan(share * Error(normal, WeightGrid.Of(bits)), Error(normal, WeightGrid.MidRise(bits)));
        foreach (var other in (int[])[QuantizePolicy.Ternary, 4, 8, 32]) Assert.IsFalse(Suits(normal, other), $"{other} bits");

        double Error(float[] weights, WeightGrid grid)
        {
            var rounded = NearestRounding.Round(Array.ConvertAll(weights, weight => (double)weight), 16, 256, 1, bits, grid).Dequantized();
            return weights.Zip(rounded, (weight, value) => Math.Pow(weight - value, 2)).Sum();
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void A_packed_layer_gives_what_its_codes_give_in_bytes(int bits)
    {
        var (facts, feed) = Wide();
        var applied = Compressing.Apply(facts, Compressing.Uniform(facts, bits) with { MidRise = true });
        var bytes = applied.Layers.ToDictionary(entry => entry.Key, entry => entry.Value with { Weights = entry.Value.Weights! with { Bits = 8 } });
        var stored = Lean.Apply(OperatorForm.Apply(QuantizedGraph.Build(new PreparedPlan(PrunedModel.Of(facts, []), applied.Placement, applied.Grids, [], bytes))));

        foreach (var (name, tensor) in Compressing.Run(Lean.Apply(applied.Model), feed)) CollectionAssert.AreEqual(Compressing.Run(stored, feed)[name].Floats(), tensor.Floats());
        AssertOdd(applied.Layers);
        Assert.AreEqual(OptimizedModel.Census(OptimizedModel.Of(stored)), OptimizedModel.Census(OptimizedModel.Of(Lean.Apply(applied.Model))), "integer kernels and nothing else");
    }

    [TestMethod]
    public void Channels_of_two_and_three_bits_lie_on_grids_of_their_own_beside_wider_ones()
    {
        var (facts, feed) = Wide();
        var plan = Compressing.Uniform(facts, 4) with { MidRise = true };
        var name = facts.Layers[1].Name;
        plan = plan with { ChannelBits = plan.ChannelBits.Add(name, [.. Enumerable.Range(0, 16).Select(channel => 1 + (channel % 4))]) };

        var applied = Compressing.Apply(facts, plan);

        var weights = applied.Layers[name].Weights!;
        for (var i = 0; i < weights.Codes.Length; i++)
        {
            var bits = 1 + (i / weights.Columns % 4);
            var grid = bits is 2 or 3 ? WeightGrid.MidRise(bits) : WeightGrid.Of(bits);
            Assert.AreEqual(grid.Round(weights.Codes[i]), weights.Codes[i], $"{bits} bits");
        }
        foreach (var (output, tensor) in Compressing.Run(facts.Model, feed)) Assert.IsLessThan(1, Compressing.RelativeError(tensor.Doubles(), Compressing.Run(applied.Model, feed)[output].Doubles()));
    }

    [TestMethod]
    public void Room_for_a_large_bias_leaves_codes_on_their_grid()
    {
        var rounded = new RoundedWeights([1, -3, 7, 5, -7, 1], [1e-9f, 0.01f], 2, 3, 1, 3) { Grid = WeightGrid.MidRise(3) }.WithRoomFor([5, 5], 0.02f);

        Assert.IsTrue(rounded.Codes.All(code => int.IsOddInteger(code)), string.Join(' ', rounded.Codes));
        Assert.IsGreaterThan(1e-9f, rounded.Scales[0]);
        CollectionAssert.AreEqual(new sbyte[] { 5, -7, 1 }, rounded.Codes[3..]);
    }

    [TestMethod]
    public void What_gradients_reconstruct_stays_on_the_grid()
    {
        var facts = SmallNet.Facts(batches: 8);
        var group = facts.Groups.Open.First(group => group.Constants.Any(slices => slices.Value == facts.Layers[1].Weight && slices.Axis == 0));
        var plan = Compressing.Plan(facts, _ => 3, _ => 5, new ChannelCut(group.Id, [0, 2, 5, 6])) with { MidRise = true };
        var fitted = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);

        var reconstructed = Reconstruction.Run(facts, fitted, 20, scores: null, 1, 1, SilentReporter.Instance);

        AssertOdd(fitted.Layers);
        AssertOdd(reconstructed.Layers);
        Assert.IsLessThan(0.9 * SmallNet.Error(facts, fitted), SmallNet.Error(facts, reconstructed));
    }

    [TestMethod]
    public void One_row_with_an_outlier_among_many_keeps_the_zero()
    {
        var random = new Random(5);
        float[] weights = [.. Enumerable.Range(0, 4096).Select(i => i == 300 ? 400f : (float)(random.NextDouble() - 0.5))];

        Assert.IsFalse(Suits(weights, 2));
    }

    [TestMethod]
    public void A_cut_layer_has_the_grid_that_it_has_uncut()
    {
        // The first channels alone would keep the zero.
        var random = new Random(7);
        float[] weights = [.. Enumerable.Range(0, 8 * 9).Select(i => i < 6 * 9 ? (i % 4 > 0 ? 0 : 1) : 30 * (random.NextSingle() - 0.5f))];
        var builder = new ModelBuilder(7).Input("x", -1, 4, 6, 6).Conv(8, 3).Relu();
        builder.Op("ConvTranspose", [builder.Last, builder.Constant(Tensor.Of(weights, 8, 1, 3, 3))], node => node.Set("group", 8L).Set("pads", [1L, 1, 1, 1]));
        var model = builder.Relu().Conv(4, 3).Build();
        var facts = Compressing.Facts(model, new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(1).Random(1, 8, 4, 6, 6) });
        var group = facts.Groups.Open.First();
        var plan = Compressing.Plan(facts, _ => 2, _ => 8, new ChannelCut(group.Id, [0, 1, 2, 3, 5, 6])) with { MidRise = true };

        var applied = Compressing.Apply(facts, plan);

        foreach (var layer in facts.Layers) Assert.AreEqual(MidRise.Suits(layer, Compressing.Facts(model, facts.Samples[0].Inputs).Model.Graph, 2), applied.Layers[layer.Name].Weights!.Grid.IsMidRise, layer.Name);
    }

    [TestMethod]
    public void Codes_that_are_not_on_the_grid_are_refused()
    {
        var packing = new WeightPacking(new ModelBuilder(1).Graph);

        Assert.ThrowsExactly<ArgumentException>(() => packing.Add("w", [2], [1, 0], 2, isMidRise: true));
    }

    [TestMethod]
    [DataRow(true, "")]
    [DataRow(true, "target: onnxruntime-plain")]
    [DataRow(false, "target: qonnx")]
    [DataRow(false, "train: { data: samples.npy, epochs: 1 }")]
    public void A_build_takes_them_where_it_may_and_says_so_in_the_lock_file(bool expected, string line)
    {
        using var job = new SmallJob(SmallJob.Samples, "quantize: { weights: 2, activations: 8 }", "prune: none", line);
        job.Run(cached: true);

        Assert.AreEqual(expected, File.ReadAllText(job.LockFile).Contains("\"midRise\": true", StringComparison.Ordinal));
        var output = File.ReadAllBytes(job.Output);
        job.Run(locked: true, cached: true);
        CollectionAssert.AreEqual(output, File.ReadAllBytes(job.Output));
    }

    private static bool Suits(float[] weights, int bits)
    {
        var model = new ModelBuilder(1).Input("x", -1, 256).Dense(16, 256).Build();
        var layer = Layers.Of(model)[0];
        model.Graph.Constants[layer.Weight] = Tensor.Of(weights, model.Graph.Constants[layer.Weight].Dims);
        return MidRise.Suits(layer, model.Graph, bits);
    }

    private static (ModelFacts Facts, IReadOnlyDictionary<string, Tensor> Feed) Wide()
    {
        var builder = new ModelBuilder(3);
        var model = builder.Input("x", -1, 3, 8, 8).Conv(16, 3).Relu().Conv(16, 3).Relu().Flatten().Dense(10, 1024).Build();
        Dictionary<string, Tensor> Feed(int seed) => new() { ["x"] = new ModelBuilder(seed).Random(1, 16, 3, 8, 8) };
        return (Compressing.Facts(model, Feed(1), Feed(2)), Feed(9));
    }

    private static void AssertOdd(IReadOnlyDictionary<string, LayerResult> layers)
    {
        var midRise = layers.Where(layer => layer.Value.Weights!.Grid.IsMidRise).ToList();
        Assert.IsGreaterThanOrEqualTo(2, midRise.Count);
        foreach (var (name, result) in midRise) Assert.IsTrue(result.Weights!.Codes.All(code => int.IsOddInteger(code)), name);
    }
}
