using System.Security.Cryptography;
using Compress.Graph;

namespace Compress.Apply;

/// <summary>Takes out of a model what nobody needs to run it. Its metadata properties stay: applications read them.</summary>
public static class Cleanup
{
    /// <summary>A copy without dead nodes, unused and repeated constants, documentation, producer marks and operator sets that nothing uses.</summary>
    public static OnnxModel Apply(OnnxModel model)
    {
        var copy = model.Clone();
        PassThrough.Remove(copy.Graph);
        Unused.Remove(copy.Graph);
        DefaultAttributes.Remove(copy.Graph);
        MergeConstants(copy.Graph);
        foreach (var attribute in copy.Graph.Nodes.SelectMany(node => node.Attributes.Values)) attribute.ClearDocString();
        copy.Header.ClearDocString();
        copy.Header.ClearProducerName();
        copy.Header.ClearProducerVersion();
        RemoveImports(copy);
        return copy;
    }

    /// <summary>Constants of the same type, dimensions and bytes become one: the first by name.</summary>
    public static void MergeConstants(OnnxGraph graph)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, tensor) in graph.Constants.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (tensor.Strings is not null || graph.IsOutput(name)) continue;
            var key = $"{tensor.Type} {string.Join(',', tensor.Dims)} {Convert.ToHexString(SHA256.HashData(tensor.Raw))}";
            if (!first.TryAdd(key, name)) same[name] = first[key];
        }
        if (same.Count == 0) return;
        GraphEdit.ReplaceUses(graph, name => same.GetValueOrDefault(name, name));
        foreach (var name in same.Keys) graph.Constants.Remove(name);
    }

    private static void RemoveImports(OnnxModel model)
    {
        var used = model.Graph.Nodes.SelectMany(node => node.SubGraphs().SelectMany(SubGraphs.Domains).Append(node.Domain)).ToHashSet(StringComparer.Ordinal);
        foreach (var import in model.Header.OpsetImport.ToArray())
            if (import.Domain is not ("" or "ai.onnx") && !used.Contains(import.Domain)) model.Header.OpsetImport.Remove(import);
    }
}
