namespace Compress.Graph;

/// <summary>Makes names that no value of a graph has, nor of its sub-graphs: ONNX permits no shadowing.</summary>
public sealed class NameSource
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    private NameSource(OnnxGraph graph)
    {
        taken.UnionWith(graph.Constants.Keys);
        taken.UnionWith(graph.Inputs.Select(input => input.Name));
        taken.UnionWith(graph.Outputs.Select(output => output.Name));
        foreach (var node in graph.Nodes)
        {
            taken.UnionWith(node.Inputs);
            taken.UnionWith(node.Outputs);
            foreach (var inner in node.SubGraphs()) taken.UnionWith(SubGraphs.Names(inner));
        }
    }

    public static NameSource Of(OnnxGraph graph) => new(graph);

    /// <summary>The wish itself, or the first of wish_1, wish_2 … that is free. Taken from now on.</summary>
    public string Fresh(string wish)
    {
        var name = wish;
        for (var i = 1; !taken.Add(name); i++) name = $"{wish}_{i}";
        return name;
    }
}
