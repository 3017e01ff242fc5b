using Compress.Analysis;
using Compress.Graph;

namespace Compress.Training;

/// <summary>
/// The values at the ends of a model's blocks: all that goes through the model goes through each of them, and a layer reads it. A student that is held to them
/// learns as many numbers from a sample as they have, not only a handful of outputs: a few hundred samples do. What no weight has touched (masks, the
/// input itself) may go past them.
/// </summary>
internal static class TeacherFeatures
{
    /// <returns>In graph order; neither inputs nor outputs of the graph.</returns>
    public static IReadOnlyList<string> Of(OnnxGraph graph, IReadOnlyList<Layer> layers)
    {
        var read = layers.Select(layer => layer.Input).ToHashSet(StringComparer.Ordinal);
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var input in graph.Nodes[i].Inputs.Concat(SubGraphs.Captures(graph.Nodes[i]))) last[input] = i;
        foreach (var output in graph.Outputs) last[output.Name] = int.MaxValue;
        var (made, live) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var features = new List<string>();
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            live.RemoveWhere(value => last[value] == i);
            if (graph.Nodes[i].Inputs.Any(input => made.Contains(input) || graph.Constants.GetValueOrDefault(input) is { Rank: >= 2 })) made.UnionWith(graph.Nodes[i].Outputs);
            live.UnionWith(graph.Nodes[i].Outputs.Where(output => made.Contains(output) && last.GetValueOrDefault(output, -1) > i));
            if (live.Count == 1 && live.Single() is var only && read.Contains(only) && last[only] < int.MaxValue && !features.Contains(only)) features.Add(only);
        }
        return features;
    }
}
