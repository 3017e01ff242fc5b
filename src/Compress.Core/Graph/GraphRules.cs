using Compress.Diagnostics;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Compress.Graph;

/// <summary>
/// What a legal graph is (ONNX IR specification): every value has one name and one source, sources come before readers, constants have as many
/// bytes as their dimensions say, domains are imported, attributes have types. Holds for what is read, and after every stage that edits.
/// </summary>
public static class GraphRules
{
    /// <exception cref="CompressionException">CMP2030 to CMP2037: the first rule that is broken.</exception>
    public static void Check(OnnxModel model)
    {
        if (Violations(model).FirstOrDefault() is { } broken) throw broken.Error();
    }

    /// <summary>The same after a stage of our own, where a broken rule is a bug of that stage.</summary>
    /// <exception cref="CompressionException">CMP9002.</exception>
    public static void CheckAfter(string stage, OnnxModel model)
    {
        if (Violations(model).FirstOrDefault() is { } broken) throw Codes.StageBroke(stage, broken).Error();
    }

    /// <summary>Everything that is wrong, in graph order.</summary>
    public static IEnumerable<Diagnostic> Violations(OnnxModel model)
    {
        var path = model.Files.FirstOrDefault() ?? "";
        return Violations(model.Graph, model, path, []);
    }

    private static IEnumerable<Diagnostic> Violations(OnnxGraph graph, OnnxModel model, string path, HashSet<string> outer)
    {
        var known = new HashSet<string>(StringComparer.Ordinal); // a name of a sub-graph that hides one outside is tolerated, as ONNX Runtime does
        foreach (var (name, tensor) in graph.Constants)
        {
            if (!known.Add(name)) yield return Codes.ValueTwice(path, name);
            if (WrongSize(tensor) is { } why) yield return Codes.ConstantSize(path, name, why);
        }
        foreach (var input in graph.Inputs)
            if (!known.Add(input.Name) && !graph.Constants.ContainsKey(input.Name)) yield return Codes.ValueTwice(path, input.Name);

        var later = graph.Nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Op.Length == 0 || !node.Outputs.Any(output => output.Length > 0)) yield return Codes.NodeIncomplete(path, node.ToString());
            if (model.OpsetOf(node.Domain) == 0) yield return Codes.DomainMissing(path, node.ToString(), node.Domain.Length > 0 ? node.Domain : "ai.onnx");
            foreach (var (name, attribute) in node.Attributes)
                if (attribute.Type == AttributeType.Undefined || !HoldsValue(attribute)) yield return Codes.AttributeInvalid(path, node.ToString(), name);
            foreach (var input in node.Inputs)
                if (input.Length > 0 && !known.Contains(input) && !outer.Contains(input))
                    yield return later.Contains(input) ? Codes.OutOfOrder(path, node.ToString(), input) : Codes.ValueUndefined(path, node.ToString(), input);
            foreach (var inner in node.SubGraphs())
                foreach (var violation in Violations(GraphMessages.Read(inner, ExternalData.None), model, path, [.. outer, .. known]))
                    yield return violation;
            foreach (var output in node.Outputs)
                if (output.Length > 0 && !known.Add(output)) yield return Codes.ValueTwice(path, output);
        }
        foreach (var output in graph.Outputs)
            if (!known.Contains(output.Name) && !outer.Contains(output.Name)) yield return Codes.OutputUndefined(path, output.Name);
    }

    private static bool HoldsValue(Onnx.AttributeProto attribute) => attribute.Type switch
    {
        AttributeType.Graph => attribute.G is not null,
        AttributeType.Tensor => attribute.T is not null,
        AttributeType.SparseTensor => attribute.SparseTensor is not null,
        AttributeType.TypeProto => attribute.Tp is not null,
        _ => true, // numbers and strings have defaults, lists may be empty
    };

    private static string? WrongSize(Tensor tensor)
    {
        var dims = $"{tensor.Type} [{string.Join(',', tensor.Dims)}]";
        if (tensor.Dims.Any(dim => dim < 0)) return $"{dims} has a negative dimension";
        if (tensor.Strings is { } strings) return strings.StringData.Count == tensor.Count ? null : $"{dims} has {strings.StringData.Count} strings";
        if (TensorBits.Bytes(tensor.Type, tensor.Dims) is not { } expected) return $"{tensor.Type} is no known element type";
        return expected == tensor.ByteCount ? null : $"{dims} takes {expected} bytes, {tensor.ByteCount} are there";
    }
}
