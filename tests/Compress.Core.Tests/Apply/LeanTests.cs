using Compress.Apply;
using Compress.Graph;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Apply;

/// <summary>What is written holds nothing that running it does not need, and still computes the same.</summary>
[TestClass]
public sealed class LeanTests
{
    [TestMethod]
    public void Dead_nodes_unused_and_repeated_constants_documentation_and_producer_go_metadata_stay()
    {
        var builder = new ModelBuilder().Input("x", -1, 3).Dense(4);
        builder.Op("Add", [builder.Last, builder.Constant(Tensor.Of([1f, 2, 3, 4], 4))]);
        builder.Op("Mul", [builder.Last, builder.Constant(Tensor.Of([1f, 2, 3, 4], 4))]);
        builder.Output();
        builder.Op("Exp", [builder.Op("Neg", [builder.Last])]);
        builder.Constant(Tensor.Scalar(7));
        var model = builder.Build();
        model.Header.DocString = "exported on a Monday";
        model.Header.ProducerVersion = "1.2.3";
        model.Header.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        model.Header.MetadataProps.Add(new StringStringEntryProto { Key = "classes", Value = "cat,dog" });
        model.Header.ModelVersion = 5;

        var clean = Cleanup.Apply(model);

        CollectionAssert.AreEqual(new[] { "Gemm", "Add", "Mul" }, clean.Graph.Nodes.ConvertAll(node => node.Op));
        Assert.AreEqual(3, clean.Graph.Constants.Count);
        var header = OnnxWriter.ToProto(clean);
        Assert.IsFalse(header.HasDocString || header.HasProducerName || header.HasProducerVersion);
        Assert.AreEqual("classes", header.MetadataProps.Single().Key);
        Assert.AreEqual(5, header.ModelVersion);
        Assert.AreEqual(1, header.OpsetImport.Count);
        Assert.AreEqual(0, ModelComparison.Difference(model, clean, builder.Feed()));
    }

    [TestMethod]
    public void Constants_of_equal_bytes_but_other_types_or_dimensions_stay_apart()
    {
        var builder = new ModelBuilder().Input("x", 2, 2);
        builder.Op("Add", ["x", builder.Constant(Tensor.Of([0f, 0], 2))]);
        builder.Op("Add", [builder.Last, builder.Constant(Tensor.Of([0f, 0], 2, 1))]);
        builder.Op("Gather", [builder.Last, builder.Constant(Tensor.Of([0], 1))]);
        builder.Op("Gather", [builder.Last, builder.Constant(Tensor.Of([0L], 1))]);

        Assert.AreEqual(4, Cleanup.Apply(builder.Build()).Graph.Constants.Count);
    }

    [TestMethod]
    public void Names_are_short_inputs_and_outputs_as_they_were()
    {
        var builder = new ModelBuilder().Input("a", -1, 3, 8, 8).Conv(4, 3).Relu().Conv(4, 3).GlobalPool().Flatten().Dense(5);
        builder.Op("Softmax", [builder.Last]);
        var model = builder.Build();

        var lean = ShortNames.Apply(model);

        Assert.AreEqual("a", lean.Graph.Inputs.Single().Name);
        Assert.AreEqual(builder.Last, lean.Graph.Outputs.Single().Name);
        var names = lean.Graph.Nodes.SelectMany(node => node.Inputs.Concat(node.Outputs)).Distinct().Except(["a", builder.Last]).ToArray();
        Assert.IsTrue(names.All(name => name.Length == 1 && name != "a"));
        Assert.IsTrue(lean.Graph.Nodes.All(node => node.Name.Length == 0));
        CollectionAssert.AreEqual(OnnxWriter.ToBytes(lean), OnnxWriter.ToBytes(ShortNames.Apply(model)));
        Assert.AreEqual(0, ModelComparison.Difference(model, lean, builder.Feed()));
    }

    [TestMethod]
    public void Thousands_of_names_are_all_different()
    {
        var builder = new ModelBuilder().Input("x", 2);
        for (var i = 0; i < 4000; i++) builder.Op("Neg", [builder.Last]);

        var lean = ShortNames.Apply(builder.Build());

        GraphRules.Check(lean);
        Assert.AreEqual(3, lean.Graph.Nodes.Max(node => node.Inputs[0].Length));
    }

    [TestMethod]
    public void What_a_subgraph_captures_keeps_its_meaning()
    {
        var builder = new ModelBuilder().Input("x", 2, 3);
        var outer = builder.Op("Relu", ["x"]);
        var unused = builder.Op("Exp", ["x"]);
        GraphProto Branch(string op)
        {
            var branch = new GraphProto { Name = "branch" };
            branch.Initializer.Add(OnnxWriter.ToProto("inner_constant", Tensor.Scalar(2)));
            branch.Node.Add(new NodeProto { Name = "n1", OpType = op, Input = { outer, "inner_constant" }, Output = { "inner_result" } });
            branch.Output.Add(new ValueInfoProto { Name = "inner_result" });
            return branch;
        }
        builder.Op("If", [builder.Constant(new Tensor(TensorProto.Types.DataType.Bool, [], [0]))], node => node
            .Put(new() { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Add") })
            .Put(new() { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Mul") }));
        var model = builder.Build();

        var lean = Lean.Apply(model);

        GraphRules.Check(lean);
        Assert.AreEqual(2, lean.Graph.Nodes.Count, $"{unused} is dead");
        Assert.AreEqual(0, ModelComparison.Difference(model, lean, builder.Feed()));
    }
}
