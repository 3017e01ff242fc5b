using Compress.Graph;

namespace Compress.Analysis;

/// <summary>How a layer turns its input into rows of a matrix product.</summary>
public enum LayerKind { Conv, ConvTranspose, Dense }

/// <summary>
/// A node with constant weights. Its weights are seen as a matrix: one row an output channel, one column an input of that channel
/// (input channels of the group × kernel).
/// </summary>
/// <param name="Name">Name in the original graph: the node's, or its output's where the node has none.</param>
/// <param name="Weight">The constant with the weights.</param>
/// <param name="Bias">The constant with the bias, or null.</param>
/// <param name="Output">The value after the bias: the node's output, or that of the Add that carries a MatMul's bias.</param>
public sealed record Layer(string Name, LayerKind Kind, Node Node, string Weight, string? Bias, string Output)
{
    public string Input => Node.Inputs[0];

    public int Group => (int)Node.Int("group", 1);

    /// <summary>Whether the mean of the output can be put right after the weights: only a MatMul alone has nowhere to put it.</summary>
    public bool TakesBias => Bias is not null || Node.Op != "MatMul";

    /// <summary>One filter a channel: no sum over channels.</summary>
    public bool IsDepthwise(OnnxGraph graph) => Kind == LayerKind.Conv && Group > 1 && graph.Constants[Weight].Dims[1] == 1;
}

/// <summary>Finds the layers of a graph.</summary>
public static class Layers
{
    /// <summary>Operators with weights: where they lie, where the bias lies. ONNX Conv 1–22, ConvTranspose 1–22, Gemm 7–13, MatMul 1–13.</summary>
    private static readonly Dictionary<string, (LayerKind Kind, int Weight, int Bias)> Table = new()
    {
        ["Conv"] = (LayerKind.Conv, 1, 2),
        ["ConvTranspose"] = (LayerKind.ConvTranspose, 1, 2),
        ["Gemm"] = (LayerKind.Dense, 1, 2),
        ["MatMul"] = (LayerKind.Dense, 1, -1),
    };

    /// <summary>Every layer in graph order. A weight that several nodes share, or that feeds anything but a layer, makes no layer; nor does a bias that is no constant vector.</summary>
    public static IReadOnlyList<Layer> Of(OnnxModel model)
    {
        var graph = model.Graph;
        var index = GraphIndex.Of(graph);
        var layers = new List<Layer>();
        foreach (var node in graph.Nodes)
        {
            if (node.Domain.Length > 0 || !Table.TryGetValue(node.Op, out var row)) continue;
            if (graph.Constant(node.Input(row.Weight)) is not { IsFloat: true } weight || weight.Rank < 2 || weight.Count == 0) continue;
            if (node.Op == "MatMul" && weight.Rank != 2) continue;
            if (node.Op == "Gemm" && (node.Int("transA") != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)) continue;
            if (index.Consumers(node.Inputs[row.Weight]).Count != 1 || graph.IsOutput(node.Inputs[row.Weight])) continue;
            if (row.Bias >= 0 && node.Input(row.Bias) is { Length: > 0 } given && !(graph.Constant(given) is { } constant && IsVector(constant, Outputs(node, weight)))) continue;
            var (bias, output) = Bias(graph, index, node, row.Bias);
            layers.Add(new Layer(node.Name.Length > 0 ? node.Name : node.Output, row.Kind, node, node.Inputs[row.Weight], bias, output));
        }
        return layers;
    }

    private static (string? Bias, string Output) Bias(OnnxGraph graph, GraphIndex index, Node node, int input)
    {
        if (input >= 0 && node.Input(input) is { Length: > 0 } own) return (own, node.Output);
        if (node.Op == "MatMul" && index.OnlyConsumer(node.Output) is { Op: "Add", Domain: "" } add)
        {
            var other = add.Inputs[0] == node.Output ? add.Inputs[1] : add.Inputs[0];
            if (graph.Constant(other) is { Rank: 1 } vector && vector.Count == graph.Constants[node.Inputs[1]].Dims[1]) return (other, add.Output);
        }
        return (null, node.Output);
    }

    private static bool IsVector(Tensor bias, long outputs) => bias.Count == outputs && (bias.Rank == 1 || (bias.Rank == 2 && bias.Dims[0] == 1));

    private static long Outputs(Node node, Tensor weight) => node.Op switch
    {
        "Conv" => weight.Dims[0],
        "ConvTranspose" => weight.Dims[1] * node.Int("group", 1),
        _ => weight.Dims[node.Int("transB") != 0 ? 0 : 1],
    };
}
