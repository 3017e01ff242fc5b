using System.Text;
using Compress.Graph;
using Compress.Testing;
using Google.Protobuf;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Graph;

/// <summary>
/// What testassets/models/bad is made of: files as users meet them, each named by the code that it must end with. All are one sound
/// small model (a Conv, a Relu) with one thing broken.
/// </summary>
internal static class BadModels
{
    /// <summary>File name → content.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = new SortedDictionary<string, byte[]>(Files().ToDictionary(file => file.Name, file => file.Content), StringComparer.Ordinal);

    private static IEnumerable<(string Name, byte[] Content)> Files()
    {
        var sound = Sound().ToByteArray();
        yield return ("CMP2002-truncated.onnx", sound[..(sound.Length * 2 / 3)]);
        yield return ("CMP2002-noise.onnx", [.. Enumerable.Range(0, 200).Select(i => (byte)(i * 37 ^ 0xA5))]);
        yield return ("CMP2003-zip.onnx", Bytes("PK\u0003\u0004\u0014\0\0\0archive/data.pkl"));
        yield return ("CMP2003-download-page.onnx", Bytes("<!DOCTYPE html><html><body>404: not found</body></html>"));
        yield return ("CMP2003-json.onnx", Bytes("{\"model\": \"resnet\"}"));
        yield return ("CMP2003-tensorflow-lite.onnx", Bytes("\u001c\0\0\0TFL3\u0014\0\u0020\0\u001c\0"));
        yield return ("CMP2003-ort-format.onnx", Bytes("\u0008\0\0\0ORTM\0\0\0\0\u0008\0"));
        yield return ("CMP2003-no-graph.onnx", Broken(model => model.Graph = null));
        yield return ("CMP2004-external-above.onnx", Broken(model => External(model, "../weights.data")));
        yield return ("CMP2004-external-absolute.onnx", Broken(model => External(model, "/etc/weights.data")));
        yield return ("CMP2004-external-nowhere.onnx", Broken(model => External(model, "")));
        yield return ("CMP2005-external-missing.onnx", Broken(model => External(model, "missing.data")));
        yield return ("CMP2006-external-short.onnx", Broken(model => External(model, "short.data", length: "216")));
        yield return ("CMP2006-external-offset.onnx", Broken(model => External(model, "short.data", offset: "-8")));
        yield return ("short.data", new byte[100]);
        yield return ("CMP2007-unknown-operator.onnx", Broken(model => model.Graph.Node[1].OpType = "Rellu"));
        yield return ("CMP2007-wrong-type.onnx", Broken(model => model.Graph.Node[1].Input.Add("w")));
        yield return ("CMP2008-impossible-shape.onnx", Broken(model =>
        {
            model.Graph.Node.Add(new NodeProto { OpType = "Reshape", Input = { "y", "shape" }, Output = { "z" } });
            model.Graph.Initializer.Add(OnnxWriter.ToProto("shape", Tensor.List(3, 5, 7)));
            model.Graph.Output.Add(new ValueInfoProto { Name = "z" });
        }));
        yield return ("CMP2009-empty.onnx", []);
        yield return ("CMP2010-git-lfs-pointer.onnx", Bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 1169914\n"));
        yield return ("CMP2011-opset-6.onnx", Broken(model => model.OpsetImport[0].Version = 6));
        yield return ("CMP2012-opset-99.onnx", Broken(model => model.OpsetImport[0].Version = 99));
        yield return ("CMP2013-ir-99.onnx", Broken(model => model.IrVersion = 99));
        yield return ("CMP2014-sparse-of-petabytes.onnx", Broken(model => Sparse(model, [0], [1], 1L << 50)));
        yield return ("CMP2015-sparse-position.onnx", Broken(model => Sparse(model, [0, 216], [1, 2], 216)));
        yield return ("CMP2015-sparse-count.onnx", Broken(model => Sparse(model, [0, 1, 2], [1, 2], 216)));
        yield return ("CMP2015-sparse-without-indices.onnx", Broken(model =>
        {
            Sparse(model, [0], [1], 216);
            model.Graph.SparseInitializer[0].Indices = null;
        }));
        yield return ("CMP2016-function-calls-itself.onnx", Broken(model =>
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
            model.Functions.Add(new FunctionProto
            {
                Name = "Block", Domain = "local", Input = { "a" }, Output = { "b" }, OpsetImport = { model.OpsetImport },
                Node = { new NodeProto { OpType = "Block", Domain = "local", Input = { "a" }, Output = { "b" } } },
            });
            model.Graph.Node.Add(new NodeProto { OpType = "Block", Domain = "local", Input = { "y" }, Output = { "z" } });
        }));
        yield return ("CMP2020-batched-scan.onnx", Broken(model =>
        {
            model.OpsetImport[0].Version = 8;
            model.Graph.Node[1].OpType = "Scan";
        }));
        yield return ("CMP2030-two-nodes-one-value.onnx", Broken(model => model.Graph.Node.Add(new NodeProto { OpType = "Exp", Input = { "x" }, Output = { "y" } })));
        yield return ("CMP2030-constant-twice.onnx", Broken(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone())));
        yield return ("CMP2030-input-twice.onnx", Broken(model => model.Graph.Input.Add(model.Graph.Input[0].Clone())));
        yield return ("CMP2031-unknown-input.onnx", Broken(model => model.Graph.Node[1].Input[0] = "nothing"));
        yield return ("CMP2031-unknown-in-branch.onnx", Broken(model =>
        {
            var branch = new GraphProto { Name = "branch", Node = { new NodeProto { OpType = "Relu", Input = { "nothing" }, Output = { "r" } } }, Output = { new ValueInfoProto { Name = "r" } } };
            var node = new NodeProto { OpType = "If", Input = { "yes" }, Output = { "z" } };
            foreach (var name in (string[])["then_branch", "else_branch"]) node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Graph, G = branch.Clone() });
            model.Graph.Node.Add(node);
            model.Graph.Initializer.Add(OnnxWriter.ToProto("yes", new Tensor(DataType.Bool, [], [1])));
        }));
        yield return ("CMP2032-cycle.onnx", Broken(model => model.Graph.Node[0].Input[0] = "y"));
        yield return ("CMP2033-unknown-output.onnx", Broken(model => model.Graph.Output[0].Name = "nothing"));
        yield return ("CMP2034-too-few-bytes.onnx", Broken(model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[10])));
        yield return ("CMP2034-too-many-values.onnx", Broken(model =>
        {
            model.Graph.Initializer[0].ClearRawData();
            model.Graph.Initializer[0].FloatData.AddRange(new float[300]);
        }));
        yield return ("CMP2034-negative-dimension.onnx", Broken(model => model.Graph.Initializer[0].Dims[0] = -2));
        yield return ("CMP2034-unknown-type.onnx", Broken(model => model.Graph.Initializer[0].DataType = 77));
        yield return ("CMP2035-domain-not-imported.onnx", Broken(model => model.Graph.Node[1].Domain = "com.example"));
        yield return ("CMP2035-nothing-imported.onnx", Broken(model => model.OpsetImport.Clear()));
        yield return ("CMP2036-attribute-without-type.onnx", Broken(model => model.Graph.Node[0].Attribute[0].ClearType()));
        yield return ("CMP2036-attribute-without-value.onnx", Broken(model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", Type = AttributeType.Graph })));
        yield return ("CMP2037-no-operator.onnx", Broken(model => model.Graph.Node[1].ClearOpType()));
        yield return ("CMP2037-no-output.onnx", Broken(model => model.Graph.Node[1].Output.Clear()));
    }

    private static ModelProto Sound()
    {
        var builder = new ModelBuilder(opset: 17).Input("x", 1, 3, 4, 4);
        var node = new Node("Conv", ["x", "w"], ["c"], "conv");
        builder.Graph.Nodes.Add(node.Set("pads", [1L, 1, 1, 1]));
        builder.Graph.Nodes.Add(new Node("Relu", ["c"], ["y"], "relu"));
        builder.Graph.Constants["w"] = builder.Random(0.3, 2, 3, 3, 3);
        return OnnxWriter.ToProto(builder.Output("y").Build());
    }

    private static byte[] Broken(Action<ModelProto> breakIt)
    {
        var model = Sound();
        breakIt(model);
        return model.ToByteArray();
    }

    private static void External(ModelProto model, string location, string? offset = null, string? length = null)
    {
        var weights = model.Graph.Initializer[0];
        weights.ClearRawData();
        weights.DataLocation = TensorProto.Types.DataLocation.External;
        foreach (var (key, value) in ((string, string?)[])[("location", location), ("offset", offset), ("length", length)])
            if (value is not null) weights.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static void Sparse(ModelProto model, long[] positions, float[] values, params long[] dims)
    {
        model.Graph.Initializer.Clear();
        var sparse = new SparseTensorProto { Values = OnnxWriter.ToProto("w", Tensor.Of(values, values.Length)), Indices = OnnxWriter.ToProto("", Tensor.List(positions)) };
        sparse.Dims.AddRange(dims);
        model.Graph.SparseInitializer.Add(sparse);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
