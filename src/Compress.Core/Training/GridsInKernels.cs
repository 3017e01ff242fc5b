using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Training;

/// <summary>
/// Puts values on their grids where kernels of our own read them, and takes gradients through grids where such kernels make them: neither a value on its grid nor the gradient of one is
/// written down then. Training is a matter of memory more than of sums.
/// </summary>
internal static class GridsInKernels
{
    /// <summary>Operators that can put a grid on what they read first.</summary>
    private static readonly string[] Readers = [OwnOperators.Convolve, OwnOperators.ConvGradient];

    /// <summary>Operators that can take a gradient through a grid, with the inputs that they keep.</summary>
    private static readonly Dictionary<string, int> Makers = new(StringComparer.Ordinal) { [OwnOperators.Convolve] = 4, [OwnOperators.ConvInputGradient] = 3 };

    public static void Apply(OnnxGraph graph)
    {
        foreach (var grid in graph.Nodes.Where(node => Is(node, OwnOperators.Quantize)).ToArray()) PutOnLoad(graph, grid);
        foreach (var gradient in graph.Nodes.Where(node => Is(node, OwnOperators.QuantizeGradient)).ToArray()) TakeThrough(graph, gradient);
    }

    private static void PutOnLoad(OnnxGraph graph, Node grid)
    {
        var (x, y) = (grid.Inputs[0], grid.Output);
        var readers = GraphIndex.Of(graph).Consumers(y);
        if (readers.Count == 0 || graph.IsOutput(y) || !readers.All(node => Reads(node, y))) return;
        foreach (var node in readers)
        {
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] == y) node.Inputs[i] = x;
            if (!Array.Exists(Readers, op => Is(node, op))) continue;
            node.Op += OwnOperators.OnGrid;
            node.Inputs.AddRange(grid.Inputs.Skip(1));
        }
        graph.Nodes.Remove(grid);
    }

    /// <summary>Whether a node reads a value where it can put a grid on it, or its dimensions alone.</summary>
    private static bool Reads(Node node, string value) =>
        (Array.Exists(Readers, op => Is(node, op)) && !node.Inputs.Skip(1).Contains(value)) || (Is(node, OwnOperators.ConvInputGradient) && !node.Inputs.Take(3).Contains(value));

    private static void TakeThrough(OnnxGraph graph, Node gradient)
    {
        var index = GraphIndex.Of(graph);
        if (index.Producer(gradient.Inputs[3]) is not { } maker || maker.Domain != OwnOperators.Domain || !Makers.TryGetValue(maker.Op, out var kept) || index.OnlyConsumer(maker.Output) is null) return;
        // In its reader's place: the values that the grid was put on may come after the gradient.
        graph.Nodes[graph.Nodes.IndexOf(gradient)] = new Node(maker.Op + OwnOperators.ThroughGrid, [.. maker.Inputs.Take(kept), .. gradient.Inputs.Take(3)], [.. gradient.Outputs], "", OwnOperators.Domain);
        graph.Nodes.Remove(maker);
    }

    private static bool Is(Node node, string op) => node.Op == op && node.Domain == OwnOperators.Domain;
}
