using Compress.Core.Tests.Emit;
using Compress.Graph;
using Compress.Testing;
using Google.Protobuf;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Graph;

/// <summary>What exporters write is read as what it means, and what an application sees of a model stays.</summary>
[TestClass]
public sealed class OnnxReaderTests
{
    [TestMethod]
    public void Weights_in_Constant_nodes_of_every_form_become_constants()
    {
        var builder = new ModelBuilder().Input("x", 2, 2);
        void Constant(string name, Action<Node> set)
        {
            builder.Op("Constant", [], set);
            builder.Graph.Nodes[^1].Outputs[0] = name;
        }
        Constant("f", node => node.Set("value_float", 1.5f));
        Constant("fs", node => node.Put(new() { Name = "value_floats", Type = AttributeProto.Types.AttributeType.Floats, Floats = { 1, 2 } }));
        Constant("i", node => node.Set("value_int", 3));
        Constant("is", node => node.Set("value_ints", [2L, 2]));
        Constant("t", node => node.Put(new() { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = OnnxWriter.ToProto("", Tensor.Of([1f, 2, 3, 4], 2, 2)) }));
        Constant("s", node => node.Put(new() { Name = "value_string", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8("text") }));
        builder.Op("Add", ["x", "f"]);

        var read = OnnxReader.FromProto(OnnxWriter.ToProto(builder.Output("add6", "i", "is", "s").Build()));

        CollectionAssert.AreEqual(new[] { "f", "fs", "i", "is", "t" }, read.Graph.Constants.Keys.Order().ToArray());
        CollectionAssert.AreEqual(new[] { "Constant", "Add" }, read.Graph.Nodes.ConvertAll(node => node.Op)); // a text stays a node
        CollectionAssert.AreEqual(new long[] { 2, 2 }, read.Graph.Constants["is"].Integers());
        Assert.AreEqual(0, read.Graph.Constants["i"].Rank);
    }

    [TestMethod]
    public void Sparse_constants_by_position_or_by_coordinates_become_dense()
    {
        var builder = new ModelBuilder().Input("x", 2, 3);
        builder.Op("Add", ["x", "linear"]);
        builder.Op("Mul", [builder.Last, "coordinates"]);
        var proto = OnnxWriter.ToProto(builder.Build());
        foreach (var (name, indices) in new[] { ("linear", Tensor.List(1, 5)), ("coordinates", Tensor.Of([0L, 1, 1, 2], 2, 2)) })
            proto.Graph.SparseInitializer.Add(new SparseTensorProto { Values = OnnxWriter.ToProto(name, Tensor.Of([7f, 9], 2)), Indices = OnnxWriter.ToProto("", indices), Dims = { 2, 3 } });

        var read = OnnxReader.FromProto(proto);

        foreach (var name in (string[])["linear", "coordinates"]) CollectionAssert.AreEqual(new float[] { 0, 7, 0, 0, 0, 9 }, read.Graph.Constants[name].Floats());
    }

    [TestMethod]
    public void Constants_that_old_models_list_as_inputs_are_constants_and_newer_ones_warn()
    {
        ModelProto Model(int ir)
        {
            var builder = new ModelBuilder(opset: 8).Input("x", 2, 3).Dense(4);
            var proto = OnnxWriter.ToProto(builder.Build());
            foreach (var constant in proto.Graph.Initializer) proto.Graph.Input.Add(new ValueInfoProto { Name = constant.Name });
            proto.IrVersion = ir;
            return proto;
        }

        var old = OnnxReader.FromProto(Model(3));
        var newer = OnnxReader.FromProto(Model(4));

        Assert.AreEqual("x", old.Graph.Inputs.Single().Name);
        Assert.AreEqual(4, old.Header.IrVersion, "constants without inputs need IR version 4");
        Assert.AreEqual(0, old.Warnings.Count);
        Assert.AreEqual("CMP2018", newer.Warnings.Single().Code);
    }

    [TestMethod]
    public void Training_information_is_left_out_with_a_warning()
    {
        var proto = OnnxWriter.ToProto(new ModelBuilder().Input("x", 2, 3).Dense(4).Build());
        proto.TrainingInfo.Add(new TrainingInfoProto { Algorithm = new GraphProto { Name = "step" } });

        var read = OnnxReader.FromProto(proto);

        Assert.AreEqual("CMP2017", read.Warnings.Single().Code);
        Assert.AreEqual(0, OnnxWriter.ToProto(read).TrainingInfo.Count);
    }

    [TestMethod]
    public void Metadata_dynamic_dimensions_and_what_inputs_say_of_themselves_stay()
    {
        var model = new ModelBuilder().Input("x", -1, 3).Dense(4).Build();
        model.Header.MetadataProps.Add(new StringStringEntryProto { Key = "labels", Value = "a,b" });
        model.Header.Domain = "com.example";
        model.Header.ModelVersion = 7;
        model.Graph.Inputs[0].DocString = "normalized";

        var written = OnnxWriter.ToProto(OnnxReader.FromProto(OnnxWriter.ToProto(model)));

        Assert.AreEqual("N", written.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
        Assert.AreEqual("normalized", written.Graph.Input[0].DocString);
        Assert.AreEqual(("a,b", "com.example", 7L), (written.MetadataProps[0].Value, written.Domain, written.ModelVersion));
    }

    [TestMethod]
    public void Nodes_in_any_order_are_put_in_order_and_ordered_ones_stay()
    {
        var builder = new ModelBuilder().Input("x", 2, 3);
        var (a, b) = (builder.Op("Exp", ["x"]), builder.Op("Neg", ["x"]));
        builder.Add(a, b);
        var model = builder.Build();
        var shuffled = OnnxWriter.ToProto(model);
        (shuffled.Graph.Node[0], shuffled.Graph.Node[2]) = (shuffled.Graph.Node[2], shuffled.Graph.Node[0]);

        var read = OnnxReader.FromProto(shuffled);

        CollectionAssert.AreEqual(new[] { "Neg", "Exp", "Add" }, read.Graph.Nodes.ConvertAll(node => node.Op));
        CollectionAssert.AreEqual(new[] { "Exp", "Neg", "Add" }, OnnxReader.FromProto(OnnxWriter.ToProto(model)).Graph.Nodes.ConvertAll(node => node.Op));
        Assert.AreEqual(0, ModelComparison.Difference(model, read, builder.Feed()));
    }

    [TestMethod]
    public void A_model_and_its_external_data_read_as_they_were_written()
    {
        using var folder = new TemporaryFolder();
        var builder = new ModelBuilder().Input("x", 1, 64).Dense(40).Dense(50);
        builder.Op("Add", [builder.Last, builder.Constant(Tensor.Scalar(1))]);
        var model = builder.Build();

        var files = OnnxWriter.Write(model, folder["m.onnx"], external: true);
        var read = OnnxReader.Read(folder["m.onnx"]);

        CollectionAssert.AreEquivalent(new[] { folder["m.onnx"], folder["m.onnx.data"] }, files.ToArray());
        CollectionAssert.AreEqual(files.ToArray(), read.Files.ToArray());
        Assert.IsTrue(new FileInfo(folder["m.onnx"]).Length < 2000);
        CollectionAssert.AreEqual(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(read));
        Assert.AreEqual(2, Directory.GetFiles(folder.Path).Length);
    }

    [TestMethod]
    public void External_data_without_offset_and_length_are_the_whole_file_and_reach_into_branches()
    {
        using var folder = new TemporaryFolder();
        var builder = new ModelBuilder().Input("x", 2);
        var values = Tensor.Of([3f, 4], 2);
        var weights = new TensorProto { Name = "inner", DataType = (int)DataType.Float, Dims = { 2 }, DataLocation = TensorProto.Types.DataLocation.External, ExternalData = { new StringStringEntryProto { Key = "location", Value = "w.bin" } } };
        var branch = new GraphProto { Name = "branch", Initializer = { weights }, Node = { new NodeProto { OpType = "Add", Input = { "x", "inner" }, Output = { "sum" } } }, Output = { new ValueInfoProto { Name = "sum" } } };
        builder.Op("If", [builder.Constant(new Tensor(DataType.Bool, [], [1]))], node => node
            .Put(new() { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch })
            .Put(new() { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch.Clone() }));
        File.WriteAllBytes(folder["w.bin"], values.Raw.ToArray());
        File.WriteAllBytes(folder["m.onnx"], OnnxWriter.ToBytes(builder.Build()));

        var read = OnnxReader.Read(folder["m.onnx"]);

        File.Delete(folder["w.bin"]); // everything is inside now
        CollectionAssert.AreEqual(new[] { 4f, 6 }, ModelComparison.Run(read, new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1f, 2], 2) }).Single().Value.Floats());
    }
}
