using Compress.Analysis;
using Compress.Graph;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Apply;

/// <summary>
/// Weights inside the sub-graphs of control flow (If, Loop, Scan), at any depth: stored in 8 bits with a scale a row, and unpacked at the start of their own
/// sub-graph, so that scopes stay as they are. ONNX Runtime folds that when it loads the model; computed is in float, as before.
/// </summary>
public static class InnerWeights
{
    /// <summary>Smaller ones cost more as nodes than they save as bytes.</summary>
    private const int LeastElements = 256;

    private const int Bits = 8;

    /// <summary>The nodes of a graph whose sub-graphs hold weights.</summary>
    public static IEnumerable<Node> Holders(OnnxGraph graph) => graph.Nodes.Where(node => node.SubGraphs().Any(Holds));

    /// <summary>The model with rounded weights in the sub-graphs of these nodes, in float still; all other nodes are the same objects.</summary>
    public static OnnxModel Rounded(OnnxModel model, IReadOnlySet<string> holders) => Changed(model, holders, (inner, name) =>
    {
        var weight = inner.Constants[name];
        inner.Constants[name] = weight.WithFloats(TableStorage.Round(weight, Form(inner, name), Bits).Dequantized(), weight.Dims);
    });

    /// <summary>The model with integers in place of the weights that <see cref="Rounded"/> gives.</summary>
    public static OnnxModel Stored(OnnxModel model, IReadOnlySet<string> holders)
    {
        var names = NameSource.Of(model.Graph);
        return Changed(model, holders, (inner, name) =>
        {
            var (weight, form) = (inner.Constants[name], Form(inner, name));
            var rounded = TableStorage.Round(weight, form, Bits);
            var (codes, scale) = (names.Fresh(name + ".c"), names.Fresh(name + ".s"));
            inner.Constants.Remove(name);
            inner.Constants[codes] = Tensor.Of(rounded.Codes, weight.Dims);
            inner.Constants[scale] = new Tensor(ScaledCodes.DecodedIn(weight.Type), [0], []).WithFloats(rounded.Scales, TableStorage.ScaleShape(weight, form));
            inner.Nodes.InsertRange(0, ScaledCodes.Nodes(codes, scale, name, weight.Type));
        });
    }

    private static OnnxModel Changed(OnnxModel model, IReadOnlySet<string> holders, Action<OnnxGraph, string> change)
    {
        var graph = model.Graph;
        Node Own(Node node)
        {
            if (!holders.Contains(LayerNames.Of(node))) return node;
            var copy = node.Clone();
            Change(copy, change);
            return copy;
        }
        var changed = new OnnxGraph { Name = graph.Name, Nodes = graph.Nodes.ConvertAll(Own), Constants = graph.Constants, Inputs = graph.Inputs, Outputs = graph.Outputs };
        return new OnnxModel { Graph = changed, Header = model.Header, Files = model.Files, Warnings = model.Warnings };
    }

    private static void Change(Node node, Action<OnnxGraph, string> change)
    {
        foreach (var attribute in node.Attributes.Values)
        {
            if (attribute.G is { } one) attribute.G = Changed(one, change);
            for (var i = 0; i < attribute.Graphs.Count; i++) attribute.Graphs[i] = Changed(attribute.Graphs[i], change);
        }
    }

    private static Onnx.GraphProto Changed(Onnx.GraphProto message, Action<OnnxGraph, string> change)
    {
        var inner = GraphMessages.Read(message, ExternalData.None);
        foreach (var node in inner.Nodes) Change(node, change);
        foreach (var name in Weights(inner)) change(inner, name);
        return GraphMessages.Write(inner);
    }

    private static bool Holds(Onnx.GraphProto message)
    {
        var inner = GraphMessages.Read(message, ExternalData.None);
        return Weights(inner).Count > 0 || inner.Nodes.Any(node => node.SubGraphs().Any(Holds));
    }

    /// <summary>The constants of a sub-graph that only serve as weights of its nodes, in ordinal order.</summary>
    private static List<string> Weights(OnnxGraph inner)
    {
        var index = GraphIndex.Of(inner);
        bool IsWeight(string name) => index.Consumers(name) is { Count: > 0 } readers && readers.All(node =>
            node.Domain.Length == 0 && node.Inputs.Contains(name) && Enumerable.Range(0, node.Inputs.Count).All(slot => node.Inputs[slot] != name || Tables.TakesWeights(node.Op, slot)));
        return [.. inner.Constants.Where(entry => entry.Value is { IsFloat: true, Rank: >= 2, Count: >= LeastElements } && !inner.IsOutput(entry.Key) && IsWeight(entry.Key) && entry.Value.Floats().All(float.IsFinite)).Select(entry => entry.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>A scale for each filter of a convolution, else for each row.</summary>
    private static TableForm Form(OnnxGraph inner, string name) =>
        GraphIndex.Of(inner).Consumers(name).Any(node => node.Op is "Conv" or "ConvTranspose") ? TableForm.Filters : TableForm.Rows;
}
