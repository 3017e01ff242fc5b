using Compress.Graph;
using Compress.Testing;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Compress.Core.Tests.Graph;

/// <summary>A model with functions of its own, which ONNX Runtime runs as it is, computes the same without them.</summary>
[TestClass]
public sealed class FunctionInliningTests
{
    [TestMethod]
    [DataRow(17, 17)]
    [DataRow(17, 11)]
    [DataRow(11, 17)]
    public void Calls_become_the_body_at_one_opset(int model, int function)
    {
        var builder = new ModelBuilder(opset: model).Input("x", 2, 6);
        Call(builder, "Scaled", ["x"], node => node.Set("alpha", 0.25f));
        Call(builder, "Scaled", [builder.Last], _ => { }); // by its default
        Call(builder, "Twice", [builder.Last], node => node.Name = "");
        var proto = WithFunctions(builder, function);
        var original = new OnnxModel { Graph = builder.Graph, Header = Header(proto) };

        var read = OnnxReader.FromProto(proto);

        Assert.AreEqual(0, OnnxWriter.ToProto(read).Functions.Count);
        Assert.AreEqual(Math.Max(model, function), read.Opset);
        CollectionAssert.AreEqual(Enumerable.Repeat("LeakyRelu,Softmax", 4).SelectMany(ops => ops.Split(',')).ToArray(), read.Graph.Nodes.Select(node => node.Op).Where(op => op is "LeakyRelu" or "Softmax").ToArray());
        if (model == function) Assert.AreEqual(0, ModelComparison.Difference(original, read, builder.Feed()));
        else Assert.AreEqual(0, ModelComparison.Difference(OnnxReader.FromProto(WithFunctions(Rebuilt(builder), function)), read, builder.Feed()));
    }

    [TestMethod]
    public void Layers_inside_are_named_after_the_call()
    {
        var builder = new ModelBuilder(opset: 17).Input("x", 2, 6);
        Call(builder, "Scaled", ["x"], node => node.Name = "block1");

        var read = OnnxReader.FromProto(WithFunctions(builder, 17));

        CollectionAssert.Contains(read.Graph.Nodes.ConvertAll(node => node.Name), "block1/leaky");
        Assert.AreEqual(builder.Last, read.Graph.Nodes[^1].Output);
    }

    [TestMethod]
    public void Calls_in_branches_are_inlined_too()
    {
        var builder = new ModelBuilder(opset: 17).Input("x", 2, 6);
        var branch = new GraphProto { Name = "branch", Node = { new NodeProto { OpType = "Scaled", Domain = "local", Input = { "x" }, Output = { "r" } } }, Output = { new ValueInfoProto { Name = "r" } } };
        builder.Op("If", [builder.Constant(new Tensor(TensorProto.Types.DataType.Bool, [], [1]))], node => node
            .Put(new() { Name = "then_branch", Type = AttributeType.Graph, G = branch })
            .Put(new() { Name = "else_branch", Type = AttributeType.Graph, G = branch.Clone() }));
        var proto = WithFunctions(builder, 17);
        var original = new OnnxModel { Graph = builder.Graph.Clone(), Header = Header(proto) };

        Assert.AreEqual(0, ModelComparison.Difference(original, OnnxReader.FromProto(proto), builder.Feed()));
    }

    /// <summary>Scaled(x; alpha = 0.5) = softmax from axis 1 of LeakyRelu(x; alpha), twice a constant; Twice(x) = Scaled(Scaled(x)).</summary>
    private static ModelProto WithFunctions(ModelBuilder builder, int opset)
    {
        var proto = OnnxWriter.ToProto(builder.Build());
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        OperatorSetIdProto[] imports = [new() { Domain = "", Version = opset }, new() { Domain = "local", Version = 1 }];
        proto.Functions.Add(new FunctionProto
        {
            Name = "Scaled", Domain = "local", Input = { "a" }, Output = { "b" }, OpsetImport = { imports },
            AttributeProto = { new AttributeProto { Name = "alpha", Type = AttributeType.Float, F = 0.5f } },
            Node =
            {
                new NodeProto { Name = "leaky", OpType = "LeakyRelu", Input = { "a" }, Output = { "l" }, Attribute = { new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "alpha" } } },
                new NodeProto { OpType = "Softmax", Input = { "l" }, Output = { "s" }, Attribute = { new AttributeProto { Name = "axis", Type = AttributeType.Int, I = 1 } } },
                new NodeProto { OpType = "Constant", Output = { "two" }, Attribute = { new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = OnnxWriter.ToProto("", Tensor.Scalar(2)) } } },
                new NodeProto { OpType = "Mul", Input = { "s", "two" }, Output = { "b" } },
            },
        });
        proto.Functions.Add(new FunctionProto
        {
            Name = "Twice", Domain = "local", Input = { "a" }, Output = { "b" }, OpsetImport = { imports },
            Node =
            {
                new NodeProto { OpType = "Scaled", Domain = "local", Input = { "a" }, Output = { "m" } },
                new NodeProto { OpType = "Scaled", Domain = "local", Input = { "m" }, Output = { "b" } },
            },
        });
        return proto;
    }

    /// <summary>The same graph at opset 17: on two dimensions, softmax from axis 1 is the same in every opset.</summary>
    private static ModelBuilder Rebuilt(ModelBuilder builder)
    {
        var copy = new ModelBuilder(opset: 17);
        copy.Graph.Inputs.AddRange(builder.Graph.Inputs);
        copy.Graph.Nodes.AddRange(builder.Graph.Nodes);
        copy.Graph.Outputs.AddRange(builder.Graph.Outputs);
        return copy;
    }

    private static ModelProto Header(ModelProto proto)
    {
        var header = proto.Clone();
        header.Graph = null;
        return header;
    }

    private static void Call(ModelBuilder builder, string function, string[] inputs, Action<Node> set)
    {
        builder.Op(function, inputs, set);
        builder.Graph.Nodes[^1].Domain = "local";
    }
}
