using Compress.Analysis;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// Writes what transformers are made of as the operators of ONNX Runtime's own set that it would fuse them to, but only where it can infer every shape and
/// meets the very pattern: Gelu 1, MatMulIntegerToFloat 1 and SkipLayerNormalization 1 of com.microsoft, all in ONNX Runtime 1.14.
/// </summary>
public static class SequenceForm
{
    /// <param name="pair">Shapes of the graph's values for two samples in one run, under the names that they have in it; null: not known.</param>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyDictionary<string, ValueFacts>? pair)
    {
        var result = model.Clone();
        Rewrite(result.Graph, Gelu);
        Rewrite(result.Graph, IntegerProduct);
        if (pair is not null) Rewrite(result.Graph, (graph, index, node) => SkipNormalization(graph, index, node, pair));
        if (result.Graph.Nodes.Any(node => node.Domain == OperatorForm.Microsoft) && result.OpsetOf(OperatorForm.Microsoft) == 0) result.SetOpset(OperatorForm.Microsoft, 1);
        return result;
    }

    /// <summary>Whether a product with a constant is the last step of a Gelu: folded into the next layer, it would leave half of one.</summary>
    public static bool EndsGelu(GraphIndex index, Node node) =>
        node.Is("Mul") && node.Inputs.Any(input => index.Producer(input) is { } product && product.Is("Mul")
            && product.Inputs.Any(part => index.Producer(part) is { } sum && sum.Is("Add") && sum.Inputs.Any(term => index.Producer(term)?.Is("Erf") == true)));

    /// <summary>Replaces the nodes that a rule finds behind a node; the new one stands where the last of them stood, so that all it reads is made.</summary>
    private static void Rewrite(OnnxGraph graph, Func<OnnxGraph, GraphIndex, Node, (Node Made, Node[] Gone)?> rule)
    {
        var index = GraphIndex.Of(graph);
        var gone = new HashSet<Node>();
        var made = new Dictionary<Node, Node>();
        foreach (var node in graph.Nodes)
        {
            if (rule(graph, index, node) is not { } found || found.Gone.Any(gone.Contains)) continue;
            gone.UnionWith(found.Gone);
            made[found.Gone[^1]] = found.Made;
        }
        if (gone.Count == 0) return;
        var nodes = graph.Nodes.Where(node => made.ContainsKey(node) || !gone.Contains(node)).Select(node => made.GetValueOrDefault(node, node)).ToList();
        graph.Nodes.Clear();
        graph.Nodes.AddRange(nodes);
    }

    /// <summary>x · ½ · (1 + erf(x / √2)), in any order of the products; starts at the erf.</summary>
    private static (Node, Node[])? Gelu(OnnxGraph graph, GraphIndex index, Node erf)
    {
        if (!erf.Is("Erf") || index.Producer(erf.Inputs[0]) is not { } scaled || Other(index, erf.Output, "Add", out var sum) is not { } one || !Is(graph, one, 1)) return null;
        var x = scaled.Is("Div") && Is(graph, scaled.Inputs[1], Math.Sqrt(2)) ? scaled.Inputs[0]
            : !scaled.Is("Mul") ? null : Is(graph, scaled.Inputs[1], Math.Sqrt(0.5)) ? scaled.Inputs[0] : Is(graph, scaled.Inputs[0], Math.Sqrt(0.5)) ? scaled.Inputs[1] : null;
        if (x is null || index.OnlyConsumer(scaled.Output) != erf || Other(index, sum!.Output, "Mul", out var product) is not { } factor) return null;
        Node Made(string output) => new("Gelu", [x], [output], erf.Name, OperatorForm.Microsoft);
        // (½x) · (1 + erf)
        if (index.Producer(factor) is { } half && half.Is("Mul") && index.OnlyConsumer(factor) == product && half.Inputs.Contains(x) && half.Inputs.Any(input => Is(graph, input, 0.5)))
            return (Made(product!.Output), [half, scaled, erf, sum, product]);
        if ((factor == x || Is(graph, factor, 0.5)) && Other(index, product!.Output, "Mul", out var last) is { } rest && (factor == x ? Is(graph, rest, 0.5) : rest == x))
            return (Made(last!.Output), [scaled, erf, sum, product, last]);
        return null;
    }

    /// <summary>The only reader of a value when it is this operator, and what else that reads.</summary>
    private static string? Other(GraphIndex index, string value, string op, out Node? reader)
    {
        reader = index.OnlyConsumer(value);
        return reader?.Is(op) == true && reader.Inputs.Count == 2 && reader.Inputs[0] != reader.Inputs[1] ? reader.Inputs[reader.Inputs[0] == value ? 1 : 0] : null;
    }

    private static bool Is(OnnxGraph graph, string name, double value) =>
        graph.Constant(name) is { IsFloat: true, Count: 1 } constant && Math.Abs(constant.Doubles()[0] - value) < 1e-3 * value;

    /// <summary>A dense layer that reads integers and gives float, with the bias behind it.</summary>
    private static (Node, Node[])? IntegerProduct(OnnxGraph graph, GraphIndex index, Node product)
    {
        if (!product.Is("MatMul") || OperatorForm.Dequantized(index, product.Inputs[0]) is not { } x || OperatorForm.Dequantized(index, product.Inputs[1]) is not { } w) return null;
        // The weights' scales lie along the columns, and have their zero points with them: so the writer of dense layers leaves them.
        if (graph.Constant(x.Input(2)) is not { Type: DataType.Uint8, Count: 1 } && index.Producer(x.Inputs[0])?.Is("DynamicQuantizeLinear") != true || w.Int("axis", 1) != 1 || graph.Constant(w.Input(2)) is not { Type: DataType.Int8 } zeros || zeros.Rank != 1) return null;
        if (index.OnlyConsumer(product.Output) is { Op: "QuantizeLinear" }) return null;
        string[] inputs = [x.Inputs[0], w.Inputs[0], x.Inputs[1], w.Inputs[1], x.Inputs[2], w.Inputs[2]];
        var isBiased = Other(index, product.Output, "Add", out var add) is { } bias && graph.Constant(bias) is { Rank: 1, Type: DataType.Float } vector && vector.Count == zeros.Count;
        return isBiased
            ? (new Node("MatMulIntegerToFloat", [.. inputs, Other(index, product.Output, "Add", out _)!], add!.Outputs, product.Name, OperatorForm.Microsoft), [product, add])
            : (new Node("MatMulIntegerToFloat", inputs, product.Outputs, product.Name, OperatorForm.Microsoft), [product]);
    }

    /// <summary>A residual sum and the normalization of its last axis behind it; where others read the sum as well, the operator gives it along.</summary>
    private static (Node, Node[])? SkipNormalization(OnnxGraph graph, GraphIndex index, Node sum, IReadOnlyDictionary<string, ValueFacts> pair)
    {
        if (!sum.Is("Add") || sum.Inputs.Any(graph.Constants.ContainsKey) || index.Consumers(sum.Output).FirstOrDefault(node => node.Is("LayerNormalization")) is not { } norm || norm.Input(0) != sum.Output) return null;
        if (norm.Outputs.Count > 1 || graph.Constant(norm.Input(1)) is not { Rank: 1, Type: DataType.Float } || norm.Int("stash_type", 1) != 1) return null;
        // The kernel broadcasts nothing: both must have a row a sample and a position.
        if (!pair.TryGetValue(sum.Output, out var whole) || whole.Dims is not [> 1, > 1, _] || norm.Int("axis", -1) is not (-1 or 2)) return null;
        if (sum.Inputs.Any(input => !pair.TryGetValue(input, out var facts) || !facts.Dims.SequenceEqual(whole.Dims))) return null;
        var made = new Node("SkipLayerNormalization", [.. sum.Inputs, norm.Inputs[1], .. norm.Input(2).Length > 0 ? [norm.Inputs[2]] : Array.Empty<string>()], [norm.Output], norm.Name, OperatorForm.Microsoft).Set("epsilon", norm.Float("epsilon", 1e-5f));
        if (index.Consumers(sum.Output).Count == 1 && !graph.IsOutput(sum.Output)) return (made, [sum, norm]);
        made.Outputs.AddRange(["", "", sum.Output]);
        return (made, [norm, sum]);
    }
}
