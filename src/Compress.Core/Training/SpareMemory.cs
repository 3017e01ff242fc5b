using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;

namespace Compress.Training;

/// <summary>
/// Of values on grids only their places are kept from the way forward to the way back, in half of the room, and what nobody else reads is written over: training is a matter of memory more
/// than of sums. ONNX Runtime does the latter by itself where it knows all dimensions; between operators of ours it knows none.
/// </summary>
internal static class SpareMemory
{
    /// <summary>Operators of the ONNX domain whose results are theirs alone: others, like Reshape, may give what they read another name.</summary>
    private static readonly string[] Makers = ["Conv", "Gemm", "MatMul"];

    public static void Apply(OnnxGraph graph)
    {
        foreach (var grid in graph.Nodes.Where(node => Is(node, OwnOperators.Quantize)).ToArray()) ReadPlaces(graph, grid);
        foreach (var node in graph.Nodes.Where(node => OwnOperators.Overwritten(node) is not null).ToArray()) WriteOver(graph, node);
    }

    /// <summary>Lets gradients of convolutions read places instead of values.</summary>
    private static void ReadPlaces(OnnxGraph graph, Node grid)
    {
        var readers = GraphIndex.Of(graph).Consumers(grid.Output).Where(node => OnlyAt(node, grid.Output, OwnOperators.ConvGradient, 0) || OnlyAt(node, grid.Output, OwnOperators.ConvInputGradient, 3)).ToArray();
        if (readers.Length == 0) return;
        if (grid.Outputs.Count == 1) grid.Outputs.Add(NameSource.Of(graph).Fresh(grid.Output + ".places"));
        foreach (var node in readers)
        {
            node.Inputs[node.Inputs.IndexOf(grid.Output)] = grid.Outputs[1];
            if (node.Op != OwnOperators.ConvGradient) continue;
            node.Op += OwnOperators.OfPlaces;
            node.Inputs.AddRange(grid.Inputs.Skip(1));
        }
    }

    /// <summary>Whether a node of ours reads a value as that input and no other.</summary>
    private static bool OnlyAt(Node node, string value, string op, int input) => Is(node, op) && node.Inputs[input] == value && node.Inputs.Count(value.Equals) == 1;

    private static void WriteOver(OnnxGraph graph, Node node)
    {
        var (index, value) = (GraphIndex.Of(graph), node.Inputs[OwnOperators.Overwritten(node)!.Value]);
        if (index.Producer(value) is { } maker && IsItsOwn(graph, maker) && index.OnlyConsumer(value) is not null && node.Inputs.Count(value.Equals) == 1) node.Op += OwnOperators.InPlace;
    }

    private static bool IsItsOwn(OnnxGraph graph, Node maker) => maker.Domain.Length > 0
        ? maker.Domain is OwnOperators.Domain or ChannelBlock.Domain
        : Makers.Contains(maker.Op) || (maker.Op == "Add" && !maker.Inputs.Any(graph.Constants.ContainsKey)); // zeros may be among them

    private static bool Is(Node node, string op) => node.Op == op && node.Domain == OwnOperators.Domain;
}
