using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Analysis.IndexMaps;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Testing;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class ChannelGroupsTests
{
    [TestMethod]
    public void Layers_of_a_residual_chain_share_one_group_and_inner_layers_have_their_own()
    {
        var builder = Travel.Channels(4);
        for (var block = 0; block < 2; block++)
        {
            var shortcut = builder.Last;
            builder.Relu().Conv(5, 3).Relu().Conv(4, 3).Add(shortcut, builder.Last);
        }
        builder.GlobalPool().Flatten().Dense(3);

        var groups = Cutting.Groups(builder.Build(), builder.Feed()).Groups;

        Assert.AreEqual(
            "4 conv2 conv10 conv19 > conv6 conv15 gemm25 | 5 conv6 > conv10 | 5 conv15 > conv19 | 3 gemm25 > ",
            string.Join(" | ", groups.Select(g => $"{g.Channels} {string.Join(' ', g.Producers.Select(p => p.Layer))} > {string.Join(' ', g.Consumers.Select(c => c.Layer))}")));
    }

    [TestMethod]
    public void Ids_tell_apart_the_groups_of_one_layer()
    {
        var builder = Travel.Channels(4);
        builder.Op("Split", [builder.Last], node => node.Set("axis", 1).Set("num_outputs", 2), outputs: 2);
        foreach (var part in builder.Graph.Nodes[^1].Outputs.ToArray()) builder.Output(builder.Op("Conv", [part, builder.Constant(builder.Random(1, 2, 2, 1, 1))]));

        CollectionAssert.AreEqual(new[] { "conv2", "conv2#2" }, Cutting.Groups(builder.Build(), builder.Feed()).Open.Select(group => group.Id).ToArray());
    }

    [TestMethod]
    public void A_convolution_applied_twice_loses_the_same_channels_in_both_places()
    {
        var builder = Travel.Channels(3);
        var (a, b) = (builder.Last, builder.Conv("x", 3, 1).Last);
        var weight = builder.Constant(builder.Random(1, 3, 3, 1, 1));
        var (left, right) = (builder.Op("Conv", [a, weight]), builder.Op("Conv", [b, weight]));
        builder.Op("Concat", [left, right], node => node.Set("axis", 1));

        Assert.AreEqual("0>0;0 1>1;1 2>2;2 | 0>0,3 1>1,4 2>2,5", Travel.Of(builder.Read(6)));
    }

    [TestMethod]
    public void Channels_that_reach_an_output_are_never_cut()
    {
        var builder = Travel.Channels(3).Relu();
        builder.Output().Read(3).Output();

        Assert.AreEqual("they reach the model's output 'relu3'", Travel.Closed(builder, "conv2"));
    }

    [TestMethod]
    public void An_unknown_operator_closes_what_it_touches_and_says_so()
    {
        var builder = Travel.Channels(3).Then("LRN", node => node.Set("size", 3));

        Assert.AreEqual("lrn3 (LRN) is an operator that pruning does not know", Travel.Closed(builder.Read(3), "conv2"));
    }

    [TestMethod]
    public void A_value_used_inside_a_sub_graph_is_held()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        var condition = builder.Constant(new Tensor(DataType.Bool, [], [1]));
        var branches = new[] { "then_branch", "else_branch" }.Select(name =>
        {
            var graph = new GraphProto { Name = name };
            graph.Node.Add(OnnxWriter.ToProto(new Node(name == "then_branch" ? "Relu" : "Neg", [x], [name])));
            graph.Output.Add(new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = 1 } } });
            return new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph };
        }).ToArray();
        builder.Op("If", [condition], node => node.Put(branches[0]).Put(branches[1]));

        Assert.AreEqual("if4 (If) uses them inside a sub-graph", Travel.Closed(builder.Read(3), "conv2"));
    }

    [TestMethod]
    public void A_shared_bias_ties_layers_until_vectors_are_separated()
    {
        var builder = Travel.Channels(3);
        var bias = builder.Graph.Nodes[^1].Inputs[2];
        builder.Relu();
        builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(1, 3, 3, 1, 1)), bias]);
        var model = builder.Read(3).Build();

        var separate = SeparateVectors.Apply(model);

        Assert.AreEqual(1, Cutting.Groups(model, builder.Feed()).Open.Count());
        Assert.AreEqual(2, Cutting.Groups(separate, builder.Feed()).Open.Count());
        Assert.AreEqual(0, ModelComparison.Difference(model, separate, builder.Feed()));
    }

    [TestMethod]
    public void A_group_lists_everything_that_goes_with_a_channel()
    {
        var builder = Travel.Channels(3).BatchNormalization().Relu();
        var group = Cutting.Groups(builder.Read(3).Build(), builder.Feed()).Open.Single();

        CollectionAssert.AreEqual(new[] { "w0", "b1", "c3", "c4", "c5", "c6", "c9" }, group.Constants.Select(slices => slices.Value).ToArray());
        CollectionAssert.AreEqual(new[] { "conv2", "batchnormalization7", "relu8" }, group.Activations.Select(slices => slices.Value).ToArray());
        CollectionAssert.AreEqual(new[] { "conv2", "conv10" }, group.Layers.ToArray());
        Assert.AreEqual(1, group.Width);
    }
}
