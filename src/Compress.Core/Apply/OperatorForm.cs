using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Writes Dequantize–node–Quantize groups as the integer operators that ONNX Runtime would make of them when it loads the model: fewer bytes, and nothing
/// left to a fusion that another version might refuse. ONNX QLinearConv 10; QLinearAdd of ONNX Runtime's own operator set.
/// </summary>
public static class OperatorForm
{
    internal const string Microsoft = "com.microsoft";

    public static OnnxModel Apply(OnnxModel model)
    {
        var result = model.Clone();
        var graph = result.Graph;
        var index = GraphIndex.Of(graph);
        var rewritten = new Dictionary<Node, Node>();
        foreach (var node in graph.Nodes)
        {
            if (index.OnlyConsumer(node.Outputs.FirstOrDefault() ?? "") is not { Op: "QuantizeLinear", Domain: "" } quantize || !IsByte(graph, quantize)) continue;
            var made = node switch
            {
                { Op: "Conv", Domain: "" } => Convolution(graph, index, node, quantize),
                { Op: "Add", Domain: "" } => Sum(graph, index, node, quantize),
                _ => null,
            };
            if (made is null) continue;
            rewritten[node] = made;
            rewritten[quantize] = made;
        }
        // The integer operator stands where the quantizer stood: all that it reads is made by then.
        graph.Nodes.RemoveAll(node => rewritten.ContainsKey(node) && node.Op != "QuantizeLinear");
        for (var i = 0; i < graph.Nodes.Count; i++)
            if (rewritten.TryGetValue(graph.Nodes[i], out var made)) graph.Nodes[i] = made;
        if (graph.Nodes.Any(node => node.Domain == Microsoft) && result.OpsetOf(Microsoft) == 0) result.SetOpset(Microsoft, 1);
        return result;
    }

    private static Node? Convolution(OnnxGraph graph, GraphIndex index, Node node, Node quantize)
    {
        if (Dequantized(index, node.Inputs[0]) is not { } x || !IsByte(graph, x) || Dequantized(index, node.Inputs[1]) is not { } w || node.Inputs.Count < 3 || Dequantized(index, node.Inputs[2]) is not { } bias) return null;
        // The weights' zero point is an input that must be given.
        graph.Constants["w.zero"] = Tensor.Of(new sbyte[1]);
        var made = new Node("QLinearConv",
            [x.Inputs[0], x.Inputs[1], x.Inputs[2], w.Inputs[0], w.Inputs[1], w.Inputs.Count > 2 ? w.Inputs[2] : "w.zero", quantize.Inputs[1], quantize.Inputs[2], bias.Inputs[0]], quantize.Outputs, node.Name);
        foreach (var attribute in node.Attributes.Values) made.Put(attribute);
        return made;
    }

    private static Node? Sum(OnnxGraph graph, GraphIndex index, Node node, Node quantize) =>
        Dequantized(index, node.Inputs[0]) is { } a && IsByte(graph, a) && Dequantized(index, node.Inputs[1]) is { } b && IsByte(graph, b)
            ? new Node("QLinearAdd", [.. a.Inputs, .. b.Inputs, quantize.Inputs[1], quantize.Inputs[2]], quantize.Outputs, node.Name, Microsoft)
            : null;

    internal static Node? Dequantized(GraphIndex index, string value) => index.Producer(value) is { Op: "DequantizeLinear", Domain: "" } node ? node : null;

    /// <summary>The integer kernels are for 8 bits.</summary>
    private static bool IsByte(OnnxGraph graph, Node quantizer) => graph.Constant(quantizer.Input(2)) is { Type: Onnx.TensorProto.Types.DataType.Uint8 };
}
