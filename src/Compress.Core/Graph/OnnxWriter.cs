using Compress.Diagnostics;
using Google.Protobuf;
using Onnx;

namespace Compress.Graph;

/// <summary>Writes a model as a message or as files: constants in ordinal order, no clock, no producer noise. The same model gives the same bytes.</summary>
public static class OnnxWriter
{
    /// <summary>A message is at most 2 GB; some room is left for all that is no constant.</summary>
    internal const long MostInside = int.MaxValue - (64L << 20);

    public static ModelProto ToProto(OnnxModel model) => ToProto(model, ToProto);

    /// <summary>The file's bytes, constants inside.</summary>
    /// <exception cref="CompressionException">CMP2019 when they are more than a message can hold.</exception>
    public static byte[] ToBytes(OnnxModel model)
    {
        var size = ConstantBytes(model);
        if (size > MostInside) throw Codes.ModelTooLarge(model.Files.FirstOrDefault() ?? "", size).Error();
        return ToProto(model).ToByteArray();
    }

    /// <summary>
    /// Puts the model in place by rename. With <paramref name="external"/>, or when it is too large for one file, its constants go to
    /// a second file beside it, named after it with ".data". Returns the files written.
    /// </summary>
    /// <exception cref="CompressionException">CMP8001 when a file can't be written.</exception>
    public static IReadOnlyList<string> Write(OnnxModel model, string path, bool external = false)
    {
        if (!external && ConstantBytes(model) <= MostInside)
        {
            AtomicFile.Write(path, ToBytes(model));
            return [path];
        }
        var layout = new ExternalLayout(model.Graph, Path.GetFileName(path) + ".data");
        var data = path + ".data";
        AtomicFile.Write(data, layout.WriteTo); // first: a model must never name data that are not there
        AtomicFile.Write(path, ToProto(model, layout.ToProto).ToByteArray());
        return [path, data];
    }

    public static NodeProto ToProto(Node node)
    {
        var message = new NodeProto { OpType = node.Op };
        if (node.Name.Length > 0) message.Name = node.Name;
        if (node.Domain.Length > 0) message.Domain = node.Domain;
        if (node.Overload.Length > 0) message.Overload = node.Overload;
        message.Input.AddRange(node.Inputs);
        message.Output.AddRange(node.Outputs);
        message.Attribute.AddRange(node.Attributes.Values);
        return message;
    }

    public static TensorProto ToProto(string name, Tensor tensor)
    {
        if (tensor.Strings is { } strings)
        {
            var copy = strings.Clone();
            copy.Name = name;
            return copy;
        }
        var message = new TensorProto { Name = name, DataType = (int)tensor.Type, RawData = ByteString.CopyFrom(tensor.Raw) };
        message.Dims.AddRange(tensor.Dims);
        return message;
    }

    private static ModelProto ToProto(OnnxModel model, Func<string, Tensor, TensorProto> constant)
    {
        var proto = model.Header.Clone();
        proto.Graph = GraphMessages.Write(model.Graph, constant);
        return proto;
    }

    internal static long ConstantBytes(OnnxModel model) => model.Graph.Constants.Values.Sum(tensor => tensor.ByteCount);
}
