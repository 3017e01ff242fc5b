using Compress.Diagnostics;
using Google.Protobuf;
using Onnx;

namespace Compress.Graph;

/// <summary>
/// Reads an .onnx file with its external data into an <see cref="OnnxModel"/> that keeps <see cref="GraphRules"/>. Constant nodes and sparse
/// constants become constants, model-local functions are inlined, nodes are put in order; nothing else changes.
/// </summary>
public static class OnnxReader
{
    /// <summary>Operator sets whose meaning is known.</summary>
    public const int OldestOpset = 7, NewestOpset = 24;

    /// <summary>The newest IR version that is known; opset 24 came with 12.</summary>
    private const int NewestIr = 13;

    /// <summary>The first IR version in which constants need not be listed as inputs.</summary>
    private const int FreeConstants = 4;

    private const int NamesShown = 5;

    /// <exception cref="CompressionException">CMP2001 to CMP2037.</exception>
    public static OnnxModel Read(string path)
    {
        var bytes = Bytes(path);
        try
        {
            return Parse(path, bytes); // reads external data
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.ModelUnreadable(path, e).Error(e);
        }
    }

    /// <summary>The file as it is.</summary>
    /// <exception cref="CompressionException">CMP2001, CMP2002.</exception>
    internal static byte[] Bytes(string path)
    {
        if (!File.Exists(path)) throw Codes.ModelMissing(path).Error();
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.ModelUnreadable(path, e).Error(e);
        }
    }

    private static OnnxModel Parse(string path, byte[] bytes)
    {
        if (bytes.Length == 0) throw Codes.ModelEmpty(path).Error();
        if (FileKind.IsLfsPointer(bytes)) throw Codes.ModelIsLfsPointer(path).Error();
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw (FileKind.Guess(bytes) is { Length: > 0 } kind ? Codes.NotAModel(path, kind) : Codes.ModelUnreadable(path, e)).Error(e);
        }
        if (proto.Graph is null || (proto.Graph.Node.Count == 0 && proto.Graph.Output.Count == 0)) throw Codes.NotAModel(path, FileKind.Guess(bytes)).Error();
        return FromProto(proto, path);
    }

    /// <summary>From a message in memory, whose parts the model takes over; <paramref name="path"/> is where external data would lie.</summary>
    public static OnnxModel FromProto(ModelProto proto, string path = "")
    {
        CheckVersions(proto, path);
        var warnings = Warnings(proto, path).ToArray();
        List<string> files = path.Length > 0 ? [path] : [];
        var graph = GraphMessages.Read(proto.Graph, new ExternalData(path, files), inner: false);
        var header = Header(proto);
        header.IrVersion = Math.Max(header.IrVersion, FreeConstants);
        header.TrainingInfo.Clear();
        var model = FunctionInlining.Apply(new OnnxModel { Graph = graph, Header = header, Files = files, Warnings = warnings });
        GraphRules.Check(model);
        return model;
    }

    /// <summary>A copy of everything but the graph, which may be large.</summary>
    private static ModelProto Header(ModelProto proto)
    {
        var graph = proto.Graph;
        proto.Graph = null;
        var header = proto.Clone();
        proto.Graph = graph;
        return header;
    }

    private static void CheckVersions(ModelProto proto, string path)
    {
        if (proto.IrVersion > NewestIr) throw Codes.IrTooNew(path, proto.IrVersion, NewestIr).Error();
        foreach (var import in proto.OpsetImport.Concat(proto.Functions.SelectMany(function => function.OpsetImport)))
        {
            if (import.Domain is not ("" or "ai.onnx")) continue;
            if (import.Version < OldestOpset) throw Codes.OpsetTooOld(path, (int)import.Version, OldestOpset).Error();
            if (import.Version > NewestOpset) throw Codes.OpsetTooNew(path, (int)import.Version, NewestOpset).Error();
        }
    }

    private static IEnumerable<Diagnostic> Warnings(ModelProto proto, string path)
    {
        if (proto.TrainingInfo.Count > 0) yield return Codes.TrainingDropped(path);
        if (proto.IrVersion < FreeConstants) yield break; // every constant had to be an input
        var defaults = proto.Graph.Initializer.Select(constant => constant.Name).Intersect(proto.Graph.Input.Select(input => input.Name)).ToArray();
        if (defaults.Length == 0) yield break;
        var names = string.Join(", ", defaults.Take(NamesShown).Select(name => $"'{name}'"));
        yield return Codes.DefaultsFixed(path, defaults.Length > NamesShown ? $"{names} and {defaults.Length - NamesShown} more" : names);
    }
}
