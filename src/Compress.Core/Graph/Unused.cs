namespace Compress.Graph;

/// <summary>What no output depends on.</summary>
public static class Unused
{
    /// <summary>Removes nodes that no output depends on, then constants that no node reads.</summary>
    public static void Remove(OnnxGraph graph)
    {
        var (nodes, used) = Find(graph);
        graph.Nodes.RemoveAll(nodes.Contains);
        foreach (var name in graph.Constants.Keys.Where(name => !used.Contains(name)).ToArray()) graph.Constants.Remove(name);
    }

    /// <summary>The nodes that no output depends on.</summary>
    public static IReadOnlySet<Node> Nodes(OnnxGraph graph) => Find(graph).Nodes;

    private static (HashSet<Node> Nodes, HashSet<string> Used) Find(OnnxGraph graph)
    {
        var used = graph.Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var unused = new HashSet<Node>();
        foreach (var node in Enumerable.Reverse(graph.Nodes))
        {
            if (!node.Outputs.Any(output => output.Length > 0 && used.Contains(output))) unused.Add(node);
            else used.UnionWith(node.Inputs.Concat(SubGraphs.Captures(node)));
        }
        return (unused, used);
    }
}
