using Compress.Graph;

namespace Compress.Apply;

/// <summary>One constant for many parts of a graph: each takes a name and a node's entry, not a tensor of its own. Operator: Split 18.</summary>
internal static class CutApart
{
    /// <summary>Cuts what the last of some nodes gives, one axis of it, into pieces; of a single one nothing is cut.</summary>
    /// <param name="sizes">The name of the constant that will hold the lengths.</param>
    public static void Last(List<Node> nodes, OnnxGraph graph, string sizes, IReadOnlyList<(string Name, long Count)> pieces)
    {
        if (pieces.Count == 1)
        {
            nodes[^1].Outputs[0] = pieces[0].Name;
            return;
        }
        graph.Constants[sizes] = Tensor.List([.. pieces.Select(piece => piece.Count)]);
        nodes.Add(new Node("Split", [nodes[^1].Output, sizes], [.. pieces.Select(piece => piece.Name)]).Set("axis", 0));
    }
}
