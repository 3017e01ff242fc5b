using Compress.Apply;
using Compress.Graph;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class FoldingTests
{
    [TestMethod]
    public void BatchNormalization_goes_into_the_Conv_before_it_and_the_layer_keeps_its_name()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3, bias: false);
        var layer = builder.Last;
        builder.BatchNormalization().Relu();

        var (folded, log) = SameAfterFolding(builder);

        CollectionAssert.AreEqual(new[] { "Conv", "Relu" }, Ops(folded));
        Assert.AreEqual(layer, folded.Graph.Nodes[0].Name);
        Assert.AreEqual(new Fold(FoldKind.IntoPrevious, "batchnormalization5", "BatchNormalization", layer), log.Folds.Single() with { Node = "batchnormalization5" });
    }

    [TestMethod]
    public void A_chain_of_scales_and_shifts_goes_into_the_Conv_whole()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3, group: 1).BatchNormalization();
        builder.Op("Mul", [builder.Constant(builder.Random(1, 4, 1, 1)), builder.Last]);
        builder.Op("Add", [builder.Last, builder.Constant(builder.Random(1, 1, 4, 1, 1))]);
        builder.Op("Sub", [builder.Constant(Tensor.Scalar(0.3f)), builder.Last]);
        builder.Op("Div", [builder.Last, builder.Constant(Tensor.Of([2f, -3, 4, 5], 4, 1, 1))]);

        CollectionAssert.AreEqual(new[] { "Conv" }, Ops(SameAfterFolding(builder).Model));
    }

    [TestMethod]
    public void BatchNormalization_goes_into_grouped_ConvTranspose_Gemm_and_MatMul_with_bias()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5, 5);
        builder.Op("ConvTranspose", ["x", builder.Constant(builder.Random(0.3, 4, 3, 3, 3))], node => node.Set("group", 2).Set("strides", [2L, 2]));
        Normalize(builder, 6);
        builder.GlobalPool().Flatten();
        builder.Op("Gemm", [builder.Last, builder.Constant(builder.Random(0.3, 6, 5)), builder.Constant(builder.Random(1, 1, 5))], node => node.Set("alpha", 0.5f).Set("beta", 0.25f));
        Normalize(builder, 5);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.3, 5, 7))]);
        builder.Op("Add", [builder.Constant(builder.Random(1, 7)), builder.Last]);
        Normalize(builder, 7);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.3, 7, 3))]);
        Normalize(builder, 3);

        CollectionAssert.AreEqual(new[] { "ConvTranspose", "GlobalAveragePool", "Flatten", "Gemm", "MatMul", "Add", "MatMul", "Add" }, Ops(SameAfterFolding(builder).Model));
    }

    [TestMethod]
    public void BatchNormalization_goes_into_the_layer_after_it_only_where_no_padding_comes_between()
    {
        var unpadded = new ModelBuilder().Input("x", -1, 4, 5, 5);
        Normalize(unpadded, 4);
        unpadded.Conv(6, 1, group: 2);
        var padded = new ModelBuilder().Input("x", -1, 4, 5, 5);
        Normalize(padded, 4);
        padded.Conv("x", 4, 3); // only to make padded weights
        padded.Graph.Nodes[^1].Inputs[0] = padded.Graph.Nodes[0].Output;

        CollectionAssert.AreEqual(new[] { "Conv" }, Ops(SameAfterFolding(unpadded).Model));
        CollectionAssert.AreEqual(new[] { "BatchNormalization", "Conv" }, Ops(SameAfterFolding(padded).Model));
    }

    [TestMethod]
    public void A_layer_that_others_read_too_keeps_its_BatchNormalization()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3);
        var conv = builder.Last;
        builder.BatchNormalization();
        builder.Op("Sigmoid", [conv]);
        builder.Op("Mul", [builder.Last, builder.Graph.Nodes[1].Output]);

        CollectionAssert.AreEqual(new[] { "Conv", "BatchNormalization", "Sigmoid", "Mul" }, Ops(SameAfterFolding(builder).Model));
    }

    [TestMethod]
    public void Weights_that_two_layers_share_are_folded_for_one_and_kept_for_the_other()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(3, 3);
        var weights = builder.Graph.Nodes[0].Inputs.ToArray();
        builder.BatchNormalization();
        builder.Op("Conv", [builder.Last, weights[1], weights[2]], node => node.Set("pads", [1L, 1, 1, 1]));

        CollectionAssert.AreEqual(new[] { "Conv", "Conv" }, Ops(SameAfterFolding(builder).Model));
    }

    [TestMethod]
    public void A_constant_that_enlarges_the_value_is_not_folded()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 1, 1).Conv(1, 1);
        builder.Op("Mul", [builder.Last, builder.Constant(builder.Random(1, 5, 1, 1))]);

        CollectionAssert.AreEqual(new[] { "Conv", "Mul" }, Ops(SameAfterFolding(builder).Model));
    }

    [TestMethod]
    public void Constant_expressions_become_constants_and_large_expansions_do_not()
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        builder.Op("Transpose", [builder.Constant(builder.Random(1, 3, 4))], node => node.Set("perm", [1L, 0]));
        builder.Op("Sqrt", [builder.Op("Mul", [builder.Last, builder.Last])]);
        builder.Op("MatMul", ["x", builder.Last]);
        var product = builder.Last;
        builder.Op("Expand", [builder.Constant(Tensor.Scalar(1)), builder.Constant(Tensor.List(100, 100, 1, 3))]);
        builder.Op("ReduceSum", [builder.Op("Add", [builder.Last, product])]);

        var (folded, log) = SameAfterFolding(builder);

        CollectionAssert.AreEqual(new[] { "MatMul", "Expand", "Add", "ReduceSum" }, Ops(folded));
        Assert.AreEqual(3, log.Count(FoldKind.Constant));
    }

    [TestMethod]
    public void Nodes_that_do_nothing_go_and_outputs_keep_their_names()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8);
        builder.Op("Identity", ["x"]);
        builder.Op("Transpose", [builder.Last], node => node.Set("perm", [0L, 1, 2, 3]));
        builder.Conv("x", 4, 3);
        builder.Graph.Nodes[^1].Inputs[0] = builder.Graph.Nodes[^2].Output;
        builder.Op("Dropout", [builder.Last]);
        builder.Op("Identity", [builder.Last]);
        builder.Output();
        builder.Op("Identity", ["x"]);
        builder.Output();

        var (folded, _) = SameAfterFolding(builder);

        CollectionAssert.AreEqual(new[] { "Conv", "Identity" }, Ops(folded)); // an input can't be an output under another name
    }

    [TestMethod]
    public void Values_that_a_subgraph_captures_are_renamed_there_too()
    {
        var builder = new ModelBuilder().Input("x", 1, 3, 4, 4).Conv(2, 3).BatchNormalization();
        var kept = builder.Op("Identity", [builder.Last]);
        var branch = new GraphProto { Name = "branch" };
        branch.Node.Add(new NodeProto { OpType = "Relu", Input = { kept }, Output = { "inner" } });
        branch.Output.Add(new ValueInfoProto { Name = "inner" });
        builder.Op("If", [builder.Constant(new Tensor(TensorProto.Types.DataType.Bool, [], [1]))], node => node
            .Put(new() { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch })
            .Put(new() { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch.Clone() }));

        CollectionAssert.AreEqual(new[] { "Conv", "If" }, Ops(SameAfterFolding(builder).Model));
    }

    private static (OnnxModel Model, FoldLog Log) SameAfterFolding(ModelBuilder builder)
    {
        var model = builder.Build();
        var before = OnnxWriter.ToBytes(model);
        var result = Folding.Apply(model);
        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(model), "the original must stay as it was");
        Assert.IsTrue(ModelComparison.Difference(model, result.Model, builder.Feed()) < 1e-5);
        return result;
    }

    private static void Normalize(ModelBuilder builder, int channels)
    {
        string Positive() => builder.Constant(Tensor.Of([.. builder.Random(0.3, channels).Floats().Select(x => x * x + 0.5f)], channels));
        builder.Op("BatchNormalization", [builder.Last, Positive(), builder.Constant(builder.Random(0.5, channels)), builder.Constant(builder.Random(0.5, channels)), Positive()]);
    }

    private static string[] Ops(OnnxModel model) => [.. model.Graph.Nodes.Select(node => node.Op)];
}
