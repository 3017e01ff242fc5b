namespace Compress.Graph;

/// <summary>Small edits that keep a graph's names consistent, the captures of sub-graphs included.</summary>
public static class GraphEdit
{
    /// <summary>Every reader of <paramref name="value"/> reads <paramref name="other"/> instead. Graph outputs keep their names.</summary>
    public static void ReplaceUses(OnnxGraph graph, string value, string other) => ReplaceUses(graph, name => name == value ? other : name);

    /// <summary>What nodes and their sub-graphs read gets other names; what they write keeps its own.</summary>
    public static void ReplaceUses(OnnxGraph graph, Func<string, string> rename)
    {
        foreach (var node in graph.Nodes)
        {
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i].Length > 0) node.Inputs[i] = rename(node.Inputs[i]);
            SubGraphs.RenameCaptures(node, rename);
        }
    }

    /// <summary>Gives one output of a node another name; a layer that was named by that output keeps its name.</summary>
    public static void RenameOutput(Node node, string value, string name)
    {
        if (node.Name.Length == 0) node.Name = node.Output;
        node.Outputs[node.Outputs.IndexOf(value)] = name;
    }
}
