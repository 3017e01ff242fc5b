namespace Compress.Graph;

/// <summary>Puts nodes where their inputs come before them, otherwise in the order they had. Files need not be ordered for ONNX Runtime; for us they are.</summary>
public static class TopologicalOrder
{
    /// <summary>Nodes of a cycle, and those behind it, come last as they were: <see cref="GraphRules"/> names them.</summary>
    public static void Apply(OnnxGraph graph)
    {
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var output in graph.Nodes[i].Outputs)
                if (output.Length > 0) producer.TryAdd(output, i);

        var waitsFor = graph.Nodes.ConvertAll(node => node.Inputs.Concat(SubGraphs.Captures(node)).Where(producer.ContainsKey).Select(input => producer[input]).Distinct().ToArray());
        var readers = graph.Nodes.ConvertAll(_ => new List<int>());
        for (var i = 0; i < waitsFor.Count; i++)
            foreach (var source in waitsFor[i]) readers[source].Add(i);

        var missing = waitsFor.ConvertAll(sources => sources.Length);
        var ready = new PriorityQueue<int, int>(); // the first in the file among those that may come next
        for (var i = 0; i < missing.Count; i++)
            if (missing[i] == 0) ready.Enqueue(i, i);
        var order = new List<Node>(missing.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(graph.Nodes[next]);
            foreach (var reader in readers[next])
                if (--missing[reader] == 0) ready.Enqueue(reader, reader);
        }
        if (order.Count < graph.Nodes.Count) order.AddRange(graph.Nodes.Where((_, i) => missing[i] > 0));
        graph.Nodes.Clear();
        graph.Nodes.AddRange(order);
    }
}
