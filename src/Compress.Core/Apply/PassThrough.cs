using Compress.Graph;

namespace Compress.Apply;

/// <summary>Nodes that hand on what they read: an Identity within the graph, a Relu of what a Relu gave. Who read their output reads their input.</summary>
internal static class PassThrough
{
    public static void Remove(OnnxGraph graph)
    {
        var producers = graph.Nodes.SelectMany(node => node.Outputs.Select(output => (output, node))).Where(made => made.output.Length > 0).ToDictionary(made => made.output, made => made.node, StringComparer.Ordinal);
        var source = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Domain.Length == 0 && node.Outputs.Count == 1 && !graph.IsOutput(node.Output)))
        {
            if (node.Op is not ("Identity" or "Relu")) continue;
            var input = source.GetValueOrDefault(node.Input(0), node.Input(0));
            if (node.Op == "Identity" || (producers.TryGetValue(input, out var producer) && producer.Is("Relu"))) source[node.Output] = input;
        }
        if (source.Count > 0) GraphEdit.ReplaceUses(graph, name => source.GetValueOrDefault(name, name));
    }
}
