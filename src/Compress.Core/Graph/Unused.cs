namespace Compress.Graph;

/// <summary>What no output depends on.</summary>
public static class Unused
{
    /// <summary>Removes nodes that no output depends on, then constants that no node reads.</summary>
    public static void Remove(OnnxGraph graph)
    {
        var used = graph.Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!node.Outputs.Any(output => output.Length > 0 && used.Contains(output)))
            {
                graph.Nodes.RemoveAt(i);
                continue;
            }
            used.UnionWith(node.Inputs);
            used.UnionWith(SubGraphs.Captures(node));
        }
        foreach (var name in graph.Constants.Keys.Where(name => !used.Contains(name)).ToArray()) graph.Constants.Remove(name);
    }
}
