using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Graph;

/// <summary>What every stage may rely on, and is held to.</summary>
[TestClass]
public sealed class GraphRulesTests
{
    [TestMethod]
    public void A_sound_graph_breaks_no_rule() => Assert.AreEqual(0, GraphRules.Violations(Sound().Build()).Count());

    [TestMethod]
    public void A_stage_that_breaks_a_rule_is_named()
    {
        var builder = Sound();
        builder.Graph.Constants.Remove(builder.Graph.Nodes[0].Inputs[1]);

        var error = Assert.ThrowsExactly<CompressionException>(() => GraphRules.CheckAfter("pruning", builder.Build()));

        Assert.AreEqual("CMP9002", error.Diagnostic.Code);
        StringAssert.Contains(error.Message, "pruning");
        StringAssert.Contains(error.Message, builder.Graph.Nodes[0].Name);
    }

    [TestMethod]
    public void Nodes_out_of_order_are_found_between_stages()
    {
        var builder = Sound();
        builder.Graph.Nodes.Reverse();

        CollectionAssert.Contains(GraphRules.Violations(builder.Build()).Select(broken => broken.Code).ToArray(), "CMP2032");
    }

    [TestMethod]
    public void Branches_may_use_the_same_names_and_those_around_them()
    {
        var builder = Sound();
        var outer = builder.Last;
        GraphProto Branch(string op) => new() { Name = op, Node = { new NodeProto { OpType = op, Input = { outer }, Output = { "inner" } } }, Output = { new ValueInfoProto { Name = "inner" } } };
        builder.Op("If", [builder.Constant(new Tensor(TensorProto.Types.DataType.Bool, [], [1]))], node => node
            .Put(new() { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Exp") })
            .Put(new() { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Neg") }));

        Assert.AreEqual(0, GraphRules.Violations(builder.Build()).Count());
    }

    private static ModelBuilder Sound() => new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3).Relu();
}
