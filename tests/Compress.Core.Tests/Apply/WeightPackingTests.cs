using Compress.Apply;
using Compress.Graph;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Apply;

/// <summary>Packed codes come out of ONNX Runtime as they went in, and nothing of the unpacking is left when a model is loaded.</summary>
[TestClass]
public sealed class WeightPackingTests
{
    [TestMethod]
    [DataRow(1, DisplayName = "ternary")]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(7)]
    [DataRow(8)]
    public void Codes_survive_whatever_their_number_and_shape(int bits)
    {
        long[][][] models = [[[1]], [[3]], [[2, 1, 3, 3]], [[5, 7]], [[8, 16]], [[1], [1]], [[3, 3], [4, 2, 3, 3], [1], [11, 13]], [[6, 4], [6, 4], [2, 12]]];
        foreach (var shapes in models)
        {
            var random = new Random((100 * bits) + shapes.Length);
            var tensors = shapes.Select((dims, i) => (Name: $"w{i}", Dims: dims, Codes: Codes(random, bits, dims), Bits: bits)).ToList();
            AssertUnpacks(tensors);
        }
    }

    [TestMethod]
    public void Layers_of_all_widths_share_a_model()
    {
        var random = new Random(1);
        AssertUnpacks([.. Enumerable.Range(0, 21).Select(i => ($"w{i}", new long[] { i + 1, 3 }, Codes(random, 1 + (i % 8), [i + 1, 3]), 1 + (i % 8)))]);
    }

    [TestMethod]
    public void Codes_of_mid_rise_grids_lie_beside_others_of_their_width()
    {
        var random = new Random(4);
        AssertUnpacks([.. Enumerable.Range(0, 12).Select(i => (Name: $"w{i}", Dims: new long[] { i + 1, 3 }, Bits: 2 + (i / 2 % 2), IsMidRise: i % 2 == 0))
            .Select(tensor => (tensor.Name, tensor.Dims, Codes(random, tensor.IsMidRise ? WeightGrid.MidRise(tensor.Bits) : WeightGrid.Of(tensor.Bits), tensor.Dims), tensor.Bits))]);
    }

    [TestMethod]
    public void A_packed_model_is_as_small_as_its_bits()
    {
        var random = new Random(1);
        for (var bits = 1; bits < 8; bits++)
        {
            var bytes = OnnxWriter.ToBytes(Model([("w", [1000, 100], Codes(random, bits, [1000, 100]), bits)])).Length;
            Assert.IsLessThan(1500, bytes - (bits == 1 ? 20_000 : 100_000 * bits / 8), $"{bits} bits");
        }
    }

    [TestMethod]
    public void Nothing_of_the_unpacking_is_left_in_a_loaded_model()
    {
        var random = new Random(2);
        var graph = OptimizedModel.Of(Model([.. Enumerable.Range(1, 8).Select(bits => ($"w{bits}", new long[] { 3, 5 }, Codes(random, bits, [3, 5]), bits))]));

        Assert.AreEqual("", OptimizedModel.Census(graph));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Codes_whose_width_changes_along_an_axis_come_back_in_order_and_leave_nothing(int axis)
    {
        var random = new Random(axis);
        long[][] shapes = [[9, 14, 3], [300, 301]];
        var builder = new ModelBuilder(opset: QuantizedGraph.Opset);
        var packing = new WeightPacking(builder.Graph);
        var expected = new List<sbyte[]>();
        for (var t = 0; t < shapes.Length; t++)
        {
            var dims = shapes[t];
            int[] widths = [.. Enumerable.Range(0, (int)dims[axis]).Select(_ => random.Next(1, 9))];
            var block = Tensor.ElementCount(dims.AsSpan(axis + 1));
            expected.Add([.. Enumerable.Range(0, (int)Tensor.ElementCount(dims)).Select(i => WeightGrid.Of(widths[(int)(i / block % dims[axis])])).Select(grid => (sbyte)random.Next(grid.Low, grid.High + 1))]);
            packing.Add($"w{t}", dims, expected[t], axis, widths);
            builder.Graph.Outputs.Add(new ValueInfoProto { Name = $"w{t}" });
        }
        builder.Graph.Nodes.AddRange(packing.Build());
        var model = builder.Build();

        var unpacked = ModelComparison.Run(model, new Dictionary<string, Tensor>());

        for (var t = 0; t < shapes.Length; t++) CollectionAssert.AreEqual(expected[t].Select(code => (long)code).ToArray(), unpacked[$"w{t}"].Integers());
        Assert.AreEqual("", OptimizedModel.Census(OptimizedModel.Of(model)));
    }

    [TestMethod]
    public void Int4_tensors_hold_the_codes()
    {
        var codes = Codes(new Random(3), 4, [3, 5]);

        CollectionAssert.AreEqual(codes, WeightPacking.Int4(codes, [3, 5]).Floats().Select(value => (sbyte)value).ToArray());
    }

    private static void AssertUnpacks(IReadOnlyList<(string Name, long[] Dims, sbyte[] Codes, int Bits)> tensors)
    {
        var unpacked = ModelComparison.Run(Model(tensors), new Dictionary<string, Tensor>());
        foreach (var (name, dims, codes, bits) in tensors)
        {
            Assert.AreEqual(TensorProto.Types.DataType.Int8, unpacked[name].Type, $"{bits} bits");
            CollectionAssert.AreEqual(dims, unpacked[name].Dims, $"{bits} bits");
            CollectionAssert.AreEqual(codes.Select(code => (long)code).ToArray(), unpacked[name].Integers(), $"{bits} bits, {string.Join('x', dims)}");
        }
    }

    private static OnnxModel Model(IReadOnlyList<(string Name, long[] Dims, sbyte[] Codes, int Bits)> tensors)
    {
        var builder = new ModelBuilder(opset: QuantizedGraph.Opset);
        var packing = new WeightPacking(builder.Graph);
        foreach (var (name, dims, codes, bits) in tensors) packing.Add(name, dims, codes, bits, codes.All(code => int.IsOddInteger(code) && bits is 2 or 3));
        builder.Graph.Nodes.AddRange(packing.Build());
        foreach (var (name, _, _, _) in tensors) builder.Graph.Outputs.Add(new ValueInfoProto { Name = name });
        return builder.Build();
    }

    /// <summary>Every code of the width, both ends included when there is room.</summary>
    private static sbyte[] Codes(Random random, int bits, long[] dims) => Codes(random, WeightGrid.Of(bits), dims);

    private static sbyte[] Codes(Random random, WeightGrid grid, long[] dims)
    {
        var codes = new sbyte[Tensor.ElementCount(dims)];
        for (var i = 0; i < codes.Length; i++) codes[i] = (sbyte)(i switch { 0 => grid.Low, 1 => grid.High, _ => grid.Low + (grid.Step * random.Next(((grid.High - grid.Low) / grid.Step) + 1)) });
        return codes;
    }
}
