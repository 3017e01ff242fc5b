using Compress.Apply;
using Compress.Graph;
using Compress.Testing;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Apply;

/// <summary>Scales and biases take 16 bits a channel in the file, come out of ONNX Runtime as they went in, and leave nothing in a loaded model; what 16 bits don't hold stays in 32.</summary>
[TestClass]
public sealed class ChannelConstantsTests
{
    /// <summary>What decay has left of a channel may be less than floats can tell from zero in 11 bits; its scale is a number that can be divided by all the same.</summary>
    [TestMethod]
    [DataRow(0.0)]
    [DataRow(1e-41)]
    [DataRow(1e-39)]
    public void Weights_that_are_next_to_nothing_have_a_scale(double size)
    {
        var rounded = NearestRounding.Round([size, -size / 2, size / 4, 0], rows: 1, columns: 4, rowsPerScale: 1, bits: 4);
        Assert.IsGreaterThan(1.2e-38f, rounded.Scales[0]);
        Assert.AreEqual(ChannelScale.Of(rounded.Scales[0]), rounded.Scales[0]);
        Assert.IsTrue(rounded.Dequantized().All(value => Math.Abs(value) < 1e-6));
    }

    [TestMethod]
    [DataRow(1e-3, 1e-1, DisplayName = "as scales mostly are")]
    [DataRow(1e-7, 1e-1, DisplayName = "below the range of float16")]
    [DataRow(1e-3, 1e6, DisplayName = "above the range of float16")]
    public void Scales_come_back_bit_for_bit_whatever_their_size_and_shape(double smallest, double largest)
    {
        long[][] shapes = [[40], [32, 1, 1, 1], [1, 50], [1, 24, 1], [3]];
        var random = new Random(1);
        var scales = shapes.Select(dims => Tensor.Of(Scales(random, smallest, largest, (int)Tensor.ElementCount(dims)), dims)).ToList();

        var model = Model(scales, []);

        Assert.AreEqual("Float16", string.Join(' ', LongConstants(model)));
        var loaded = ModelComparison.Run(model, new Dictionary<string, Tensor>());
        for (var i = 0; i < shapes.Length; i++)
        {
            CollectionAssert.AreEqual(shapes[i], loaded[$"s{i}"].Dims);
            CollectionAssert.AreEqual(scales[i].Floats(), loaded[$"s{i}"].Floats());
        }
        Assert.AreEqual("", OptimizedModel.Census(OptimizedModel.Of(model)));
    }

    [TestMethod]
    public void Biases_come_back_rounded_to_integers_and_large_ones_to_a_few_units()
    {
        var random = new Random(2);
        double[] largest = [30, 32_767, 60_000, 250_000];
        var biases = largest.Select(bound => Enumerable.Range(0, 20).Select(i => i == 0 ? bound : ((2 * random.NextDouble()) - 1) * bound).ToArray()).ToList();

        var model = Model([], biases);

        Assert.AreEqual("Int16", string.Join(' ', LongConstants(model)));
        var loaded = ModelComparison.Run(model, new Dictionary<string, Tensor>());
        for (var b = 0; b < biases.Count; b++)
        {
            Assert.AreEqual(DataType.Int32, loaded[$"b{b}"].Type);
            var unit = Math.Max(1, Math.Pow(2, Math.Ceiling(Math.Log2(largest[b] / short.MaxValue))));
            for (var i = 0; i < biases[b].Length; i++) Assert.AreEqual(Math.Round(biases[b][i] / unit) * unit, loaded[$"b{b}"].Integers()[i]);
        }
        Assert.AreEqual("", OptimizedModel.Census(OptimizedModel.Of(model)));
    }

    [TestMethod]
    public void What_16_bits_do_not_hold_stays_in_32()
    {
        var random = new Random(3);
        float[] exact = Scales(random, 1e-3, 1e-1, 80), fine = [.. exact[..79], 0.1f], wide = [.. exact[..79], 1e-30f];

        var model = Model([Tensor.Of(exact, 80), Tensor.Of(fine, 80), Tensor.Of(wide, 80)], [[.. Enumerable.Repeat(7.0, 80)], [.. Enumerable.Repeat(400_000.4, 80)]]);

        Assert.AreEqual("Float Float Float16 Int16 Int32", string.Join(' ', LongConstants(model)));
        var loaded = ModelComparison.Run(model, new Dictionary<string, Tensor>());
        CollectionAssert.AreEqual(exact, loaded["s0"].Floats());
        CollectionAssert.AreEqual(fine, loaded["s1"].Floats());
        CollectionAssert.AreEqual(wide, loaded["s2"].Floats());
        Assert.AreEqual(7, loaded["b0"].Integers()[79]);
        Assert.AreEqual(400_000, loaded["b1"].Integers()[79]);
    }

    [TestMethod]
    public void Few_channels_and_the_plain_form_take_constants_of_32_bits()
    {
        var random = new Random(4);
        Assert.AreEqual("Float Int32", string.Join(' ', LongConstants(Model([Tensor.Of(Scales(random, 1e-3, 1e-1, 20), 20)], [[.. Enumerable.Repeat(7.0, 20)]]))));
        Assert.AreEqual("Float Int32", string.Join(' ', LongConstants(Model([Tensor.Of(Scales(random, 1e-3, 1e-1, 200), 200)], [[.. Enumerable.Repeat(7.0, 200)]], plain: true))));
        CollectionAssert.AreEqual(new long[] { 99_999, 7 }, Model([], [[99_999, 7, .. Enumerable.Repeat(0.0, 18)]]).Graph.Constants["b0"].Integers()[..2]);
        Assert.IsEmpty(Model([Tensor.Of(Scales(random, 1e-3, 1e-1, 200), 200)], [[.. Enumerable.Repeat(7.0, 200)]], plain: true).Graph.Nodes);
    }

    [TestMethod]
    public void Every_float_is_at_most_a_two_thousandth_from_a_scale_that_float16_holds()
    {
        var random = new Random(5);
        for (var i = 0; i < 10_000; i++)
        {
            var value = 1 + random.NextDouble();
            var scale = ChannelScale.Of(value);
            Assert.AreEqual(value, scale, value / 2048);
            Assert.AreEqual(scale, (float)(Half)scale);
            Assert.AreEqual(scale, ChannelScale.Of(scale));
            Assert.AreEqual(MathF.ScaleB(scale, -40), ChannelScale.Of(Math.ScaleB(value, -40)));
        }
    }

    /// <summary>Rows of zeros leave their scale free: a bias of theirs does not take 32 bits.</summary>
    [TestMethod]
    public void A_channel_of_zeros_takes_the_scale_that_its_bias_asks_for()
    {
        var rounded = new RoundedWeights([0, 0, 0, 5, -3, 1], [1e-8f, 0.01f], 2, 3, 1, 8).WithRoomFor([0.7f, 0.7f], 0.02f);

        Assert.AreEqual(0.01f, rounded.Scales[1]);
        Assert.IsInRange(1 << 13, 1 << 15, 0.7 / (rounded.Scales[0] * 0.02));
        Assert.AreEqual(rounded.Scales[0], ChannelScale.Of(rounded.Scales[0]));
    }

    [TestMethod]
    public void A_compressed_net_has_no_constant_of_32_bits_a_channel()
    {
        var model = new ModelBuilder(seed: 6).Input("x", -1, 3, 8, 8).Conv(32, 3).Relu().Conv(48, 3).Relu().Conv(24, 1).Output().Build();
        var facts = Compressing.Facts(model, new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 7).Random(1, 16, 3, 8, 8) });

        var compressed = Compressing.Apply(facts, Compressing.Uniform(facts, 8));

        Assert.AreEqual("Float16 Int16", string.Join(' ', LongConstants(compressed.Model).Where(type => type is not ("Int8" or "Uint8" or "Int64"))));
    }

    /// <summary>Types of the constants of more than 16 elements, in ordinal order.</summary>
    private static IEnumerable<string> LongConstants(OnnxModel model) =>
        model.Graph.Constants.Values.Where(constant => constant.Count > 16).Select(constant => constant.Type.ToString()).Order(StringComparer.Ordinal);

    private static OnnxModel Model(IReadOnlyList<Tensor> scales, IReadOnlyList<double[]> biases, bool plain = false)
    {
        var builder = new ModelBuilder(opset: QuantizedGraph.Opset);
        var channels = new ChannelConstants(builder.Graph, plain);
        for (var i = 0; i < scales.Count; i++) builder.Graph.Outputs.Add(new ValueInfoProto { Name = channels.AddScales($"s{i}", scales[i]) });
        for (var i = 0; i < biases.Count; i++) builder.Graph.Outputs.Add(new ValueInfoProto { Name = channels.AddBiases($"b{i}", biases[i]) });
        builder.Graph.Nodes.AddRange(channels.Build());
        return builder.Build();
    }

    /// <summary>Scales as rounding gives them, spread evenly over the octaves.</summary>
    private static float[] Scales(Random random, double smallest, double largest, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => ChannelScale.Of(smallest * Math.Pow(largest / smallest, random.NextDouble())))];
}
