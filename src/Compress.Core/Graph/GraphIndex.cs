namespace Compress.Graph;

/// <summary>Who makes and who uses each value, taken once from a graph: edit the graph, then take another.</summary>
public sealed class GraphIndex
{
    private readonly Dictionary<string, Node> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Node>> consumers = new(StringComparer.Ordinal);
    private readonly HashSet<string> outputs;

    private GraphIndex(OnnxGraph graph)
    {
        outputs = new(graph.Outputs.Select(output => output.Name), StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs)
                if (output.Length > 0) producers[output] = node;
            foreach (var input in node.Inputs.Concat(SubGraphs.Captures(node)).Distinct())
                if (input.Length > 0) (CollectionsGet(input)).Add(node);
        }
    }

    public static GraphIndex Of(OnnxGraph graph) => new(graph);

    public Node? Producer(string value) => producers.GetValueOrDefault(value);

    /// <summary>The nodes that read a value, each once, in graph order; sub-graphs that capture it count as their node.</summary>
    public IReadOnlyList<Node> Consumers(string value) => consumers.TryGetValue(value, out var list) ? list : [];

    /// <summary>The one reader of a value that is no graph output; null when there are none or several.</summary>
    public Node? OnlyConsumer(string value) => !outputs.Contains(value) && Consumers(value) is [var only] ? only : null;

    private List<Node> CollectionsGet(string value)
    {
        if (!consumers.TryGetValue(value, out var list)) consumers[value] = list = [];
        return list;
    }
}
