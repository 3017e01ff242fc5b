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
        var places = OwnOperators.Places(grid) ?? NameSource.Of(graph).Fresh(grid.Output + ".places");
        if (grid.Outputs.Count == 1) grid.Outputs.Add(places);
        foreach (var node in readers)
        {
            node.Inputs[node.Inputs.IndexOf(grid.Output)] = places;
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
        if (index.Producer(value) is { } maker && IsItsOwn(graph, index, maker) && index.OnlyConsumer(value) is not null && node.Inputs.Count(value.Equals) == 1) node.Op += OwnOperators.InPlace;
    }

    /// <summary>
    /// Whether a node's result stays its own: what operators of ours, or those in blocks, make, and sums of that. Others may be merged with their like, worked out beforehand or left out by ONNX
    /// Runtime, or give what they read another name; then others read the value too.
    /// </summary>
    private static bool IsItsOwn(OnnxGraph graph, GraphIndex index, Node maker) =>
        IsInOurs(maker) || (maker.Is("Add") && maker.Inputs.All(input => IsInOurs(index.Producer(input))) && graph.Nodes.Count(node => node.Is("Add") && node.Inputs.SequenceEqual(maker.Inputs)) == 1);

    private static bool IsInOurs(Node? node) => node?.Domain is OwnOperators.Domain or ChannelBlock.Domain;

    private static bool Is(Node node, string op) => node.Op == op && node.Domain == OwnOperators.Domain;
}
