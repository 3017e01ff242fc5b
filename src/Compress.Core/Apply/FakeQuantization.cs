using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>Activations on their grid in a float graph: x → Quantize → (bound) → Dequantize → x.</summary>
internal static class FakeQuantization
{
    /// <summary>Behind the name of a value: the same before it was put on its grid.</summary>
    public const string Exact = ".exact";

    /// <summary>The node with its quantized outputs put on their grids; the constants it needs go into <paramref name="graph"/>.</summary>
    public static IEnumerable<Node> Around(Node node, OnnxGraph graph, IReadOnlyDictionary<string, Quantizer> grids)
    {
        if (!node.Outputs.Any(grids.ContainsKey)) return [node];
        var nodes = new List<Node>();
        var copy = node.Clone();
        nodes.Add(copy);
        for (var i = 0; i < copy.Outputs.Count; i++)
        {
            if (!grids.TryGetValue(node.Outputs[i], out var grid)) continue;
            copy.Outputs[i] = node.Outputs[i] + Exact;
            nodes.AddRange(OnGrid(copy.Outputs[i], node.Outputs[i], grid, graph));
        }
        return nodes;
    }

    public static IEnumerable<Node> OnGrid(string exact, string value, Quantizer grid, OnnxGraph graph)
    {
        if (grid.Bits > 8)
        {
            // QuantizeLinear has 16 bits from operator set 21 on only.
            foreach (var node in InFloat(exact, value, grid, graph)) yield return node;
            yield break;
        }
        var (scale, zero, integer) = (value + ".scale", value + ".zero", value + ".q");
        if (grid.IsDynamic)
        {
            yield return new Node("DynamicQuantizeLinear", [exact], [integer, scale, zero]);
            yield return new Node("DequantizeLinear", [integer, scale, zero], [value]);
            yield break;
        }
        graph.Constants[scale] = Tensor.Scalar(grid.Scale);
        graph.Constants[zero] = grid.Integer(grid.ZeroPoint);
        yield return new Node("QuantizeLinear", [exact, scale, zero], [integer]);
        if (grid.NeedsBound)
        {
            graph.Constants[value + ".top"] = grid.Integer(grid.Top);
            yield return new Node("Clip", [integer, "", value + ".top"], [integer + ".bound"]);
            integer += ".bound";
        }
        yield return new Node("DequantizeLinear", [integer, scale, zero], [value]);
    }

    private static Node[] InFloat(string exact, string value, Quantizer grid, OnnxGraph graph)
    {
        graph.Constants[value + ".scale"] = Tensor.Scalar(grid.Scale);
        graph.Constants[value + ".low"] = Tensor.Scalar(-grid.ZeroPoint);
        graph.Constants[value + ".high"] = Tensor.Scalar(grid.Top - grid.ZeroPoint);
        return
        [
            new Node("Div", [exact, value + ".scale"], [value + ".steps"]),
            new Node("Round", [value + ".steps"], [value + ".whole"]),
            new Node("Clip", [value + ".whole", value + ".low", value + ".high"], [value + ".inside"]),
            new Node("Mul", [value + ".inside", value + ".scale"], [value]),
        ];
    }
}
