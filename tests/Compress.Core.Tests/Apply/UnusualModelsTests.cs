using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Apply;

/// <summary>Models that are legal and seldom: each is compressed at 8 and at 4 bits, keeps its interface, and still computes what it did.</summary>
[TestClass]
public sealed class UnusualModelsTests
{
    private const double Tolerance = 0.05;

    public static IEnumerable<object[]> Models()
    {
        yield return ["no layers", new ModelBuilder().Input("x", 2, 3).Relu()];
        yield return ["convolution that feeds the output", new ModelBuilder().Input("x", 2, 3, 6, 6).Conv(4, 3)];
        yield return ["layers without bias", new ModelBuilder().Input("x", 2, 3, 6, 6).Conv(4, 3, bias: false).Relu().Conv(4, 3, bias: false)];
        yield return ["groups", new ModelBuilder().Input("x", 2, 4, 6, 6).Conv(8, 3, group: 2).Relu().Conv(8, 3, group: 8).Relu()];
        yield return ["sequence convolution", Of(b => b.Op("Conv", ["x", b.Constant(b.Random(0.4, 5, 3, 3), "w")]), 2, 3, 16)];
        yield return ["three-dimensional convolution", Of(b => b.Op("Conv", ["x", b.Constant(b.Random(0.4, 5, 3, 2, 2, 2), "w"), b.Constant(b.Random(0.4, 5), "b")]), 2, 3, 4, 4, 4)];
        foreach (var group in new[] { 1, 2, 4 })
        {
            yield return [$"transposed convolution, {group} groups", Of(b => b.Op("ConvTranspose", ["x", b.Constant(b.Random(0.4, 4, 3, 2, 2), "w")], node => node.Set("strides", [2, 2]).Set("group", group)), 2, 4, 5, 5)];
            yield return [$"transposed convolution, overlapping, {group} groups", Of(b => b.Op("ConvTranspose", ["x", b.Constant(b.Random(0.4, 4, 3, 3, 3), "w"), b.Constant(b.Random(0.4, 3 * group), "b")], node => node.Set("strides", [2, 2]).Set("group", group)), 2, 4, 5, 5)];
        }
        yield return ["dense, not transposed", Of(b => b.Op("Gemm", ["x", b.Constant(b.Random(0.4, 6, 5), "w"), b.Constant(b.Random(1, 5), "b")]), 8, 6)];
        yield return ["dense with one bias for all", Of(b => b.Op("Gemm", ["x", b.Constant(b.Random(0.4, 6, 5), "w"), b.Constant(Tensor.Of([3f], 1), "b")]), 8, 6)];
        yield return ["dense with a bias for each sample", Of(b => b.Op("Gemm", ["x", b.Constant(b.Random(0.4, 6, 5), "w"), b.Constant(b.Random(3, 8, 5), "b")]), 8, 6)];
        yield return ["dense with a computed bias", Of(b => b.Op("Gemm", ["x", b.Constant(b.Random(0.4, 6, 6), "w"), b.Op("Neg", ["x"])]), 8, 6)];
        yield return ["product and sum", Of(b => b.Op("Add", [b.Op("MatMul", ["x", b.Constant(b.Random(0.4, 6, 5), "w")]), b.Constant(b.Random(1, 5), "b")]), 4, 3, 6)];
        yield return ["product of rank 3", Of(b => b.Op("MatMul", ["x", b.Constant(b.Random(0.4, 6, 5), "w")]), 4, 3, 6)];
        yield return ["a sequence of tensors between layers", Of(b => b.Op("MatMul", [b.Op("SequenceAt", [b.Op("SplitToSequence", [b.Op("MatMul", ["x", b.Constant(b.Random(0.4, 6, 8), "w")]), b.Constant(Tensor.Of([4L]).Reshape())], node => node.Set("axis", 1)), b.Constant(Tensor.Of([1L]).Reshape())]), b.Constant(b.Random(0.4, 4, 3), "w2")]), 5, 6)];
        yield return ["shared weights", Shared(weights: true)];
        yield return ["shared biases", Shared(weights: false)];
        yield return ["a node without a name whose output is another's name", Renamed(new ModelBuilder().Input("x", 2, 3, 6, 6).Conv(4, 3).Relu().Conv(4, 3))];
        yield return ["filters of zeros with a large bias", Dead()];
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Compressed_models_compute_what_the_model_computes(string name, ModelBuilder builder)
    {
        var (model, feed) = (builder.Build(), builder.Feed());
        foreach (var (bits, activations) in new[] { (8, 8), (8, 16), (8, 32), (32, 32) })
        {
            var compressed = AssertNear(model, feed, bits, activations, Tolerance, $"{name} at {bits}/{activations}");
            Assert.AreEqual(model.Graph.Outputs[0].Name, compressed.Graph.Outputs[0].Name);
        }
        AssertNear(model, feed, 4, 8, 0.4, $"{name} at 4/8");
        AssertNear(model, feed, 3, 32, 0.6, $"{name} at 3/32");
    }

    [TestMethod]
    [DataRow(DataType.Float16)]
    [DataRow(DataType.Double)]
    public void Models_of_other_float_types_keep_their_type(DataType type)
    {
        var builder = new ModelBuilder(seed: 14).Input("x", type, 8, 6);
        Tensor Typed(Tensor tensor) => new Tensor(type, [0], []).WithFloats(tensor.Floats(), tensor.Dims);
        builder.Op("Gemm", ["x", builder.Constant(Typed(builder.Random(0.4, 5, 6)))], node => node.Set("transB", 1));
        builder.Op("Gemm", [builder.Op("Relu", [builder.Last]), builder.Constant(Typed(builder.Random(0.4, 5, 4))), builder.Constant(Typed(builder.Random(1, 4)))]);
        builder.Graph.Outputs.Add(new() { Name = builder.Last, Type = new() { TensorType = new() { ElemType = (int)type } } });
        var feed = new Dictionary<string, Tensor> { ["x"] = Typed(builder.Random(1, 8, 6)) };

        foreach (var (bits, activations) in new[] { (8, 8), (4, 32), (32, 32) })
        {
            var compressed = AssertNear(builder.Build(), feed, bits, activations, bits == 4 ? 0.4 : Tolerance, $"{type} at {bits}/{activations}");
            Assert.AreEqual(type, Compressing.Run(compressed, feed).Values.Single().Type);
        }
    }

    [TestMethod]
    public void Packed_weights_compute_bit_for_bit_what_unpacked_ones_do()
    {
        var builder = new ModelBuilder(seed: 3).Input("x", 2, 3, 8, 8).Conv(7, 3).Relu().Conv(5, 3).Relu().GlobalPool().Flatten().Dense(3);
        var feed = builder.Feed();
        var facts = Compressing.Facts(builder.Build(), feed);
        for (var bits = 2; bits < 8; bits++)
        {
            var applied = Compressing.Apply(facts, Compressing.Uniform(facts, bits));
            // The same codes announced as 8 bits wide are stored as they are.
            var unpacked = applied.Layers.ToDictionary(layer => layer.Key, layer => layer.Value with { Weights = layer.Value.Weights! with { Bits = 8 } });
            var plain = QuantizedGraph.Build(new PreparedPlan(PrunedModel.Of(facts, []), applied.Placement, applied.Grids, [], unpacked));

            foreach (var (name, tensor) in Compressing.Run(plain, feed))
                CollectionAssert.AreEqual(tensor.Floats(), Compressing.Run(applied.Model, feed)[name].Floats(), $"{bits} bits");
        }
    }

    private static OnnxModel AssertNear(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, int bits, int activations, double tolerance, string what)
    {
        var facts = Compressing.Facts(model, feed);
        var compressed = Lean.Apply(Compressing.Apply(facts, Compressing.Uniform(facts, bits, activations)).Model);
        var error = Compressing.RelativeError(Compressing.Run(model, feed), Compressing.Run(compressed, feed));
        Assert.IsLessThan(tolerance, error, what);
        return compressed;
    }

    private static ModelBuilder Of(Action<ModelBuilder> build, params long[] input)
    {
        var builder = new ModelBuilder(seed: 11).Input("x", input);
        build(builder);
        return builder;
    }

    private static ModelBuilder Shared(bool weights)
    {
        var builder = new ModelBuilder(seed: 12).Input("x", 4, 6);
        var (w, b) = (builder.Constant(builder.Random(0.4, 6, 6), "w"), builder.Constant(builder.Random(1, 6), "b"));
        foreach (var _ in Enumerable.Range(0, 2)) builder.Op("Gemm", [builder.Last, weights ? w : builder.Constant(builder.Random(0.4, 6, 6), "w"), b]);
        var last = builder.Last;
        // One channel each, and one bias for both.
        var one = builder.Constant(Tensor.Of([5f], 1), "b");
        string[] ends = [.. Enumerable.Range(0, 2).Select(_ => builder.Op("Gemm", [last, builder.Constant(builder.Random(0.4, 6, 1), "w"), one]))];
        builder.Op("Concat", ends, node => node.Set("axis", 1));
        return builder;
    }

    private static ModelBuilder Renamed(ModelBuilder builder)
    {
        builder.Graph.Nodes[2].Name = builder.Graph.Nodes[0].Output;
        builder.Graph.Nodes[0].Name = "";
        return builder;
    }

    private static ModelBuilder Dead()
    {
        var builder = new ModelBuilder(seed: 13).Input("x", 2, 3, 6, 6);
        var weight = builder.Random(0.3, 4, 3, 3, 3).Floats().Select((w, i) => i < 54 ? w * (i < 27 ? 0 : 1e-9f) : w).ToArray();
        builder.Op("Conv", ["x", builder.Constant(Tensor.Of(weight, 4, 3, 3, 3), "w"), builder.Constant(Tensor.Of([20f, -30f, 1f, 2f], 4), "b")]);
        return builder;
    }
}
