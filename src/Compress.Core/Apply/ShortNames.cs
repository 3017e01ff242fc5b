using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Gives values and constants the shortest names, in the order of their first use, and drops the names of nodes: in a small model names
/// are a good part of the file. Inputs and outputs of the model keep theirs.
/// </summary>
public static class ShortNames
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Characters = Letters + "0123456789";

    public static OnnxModel Apply(OnnxModel model)
    {
        var copy = model.Clone();
        var graph = copy.Graph;
        var names = graph.Inputs.Concat(graph.Outputs).Select(value => value.Name).Append("").Distinct().ToDictionary(name => name, StringComparer.Ordinal);
        var kept = names.Keys.ToHashSet(StringComparer.Ordinal);
        var next = 0;

        // One map for all scopes: names that differ stay different, so what a sub-graph sees of the graph around it stays the same.
        string Rename(string name)
        {
            if (names.TryGetValue(name, out var known)) return known;
            string made;
            do made = Spell(next++);
            while (kept.Contains(made));
            return names[name] = made;
        }

        foreach (var node in graph.Nodes)
        {
            node.Name = "";
            for (var i = 0; i < node.Inputs.Count; i++) node.Inputs[i] = Rename(node.Inputs[i]);
            SubGraphs.DropNodeNames(node);
            SubGraphs.RenameAll(node, Rename);
            for (var i = 0; i < node.Outputs.Count; i++) node.Outputs[i] = Rename(node.Outputs[i]);
        }
        var constants = graph.Constants.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToArray();
        graph.Constants.Clear();
        foreach (var (name, tensor) in constants) graph.Constants[Rename(name)] = tensor;
        return copy;
    }

    /// <summary>0 → a, 51 → Z, 52 → aa …: a letter, then letters and digits.</summary>
    private static string Spell(int number)
    {
        var length = 1;
        for (var count = Letters.Length; number >= count; count *= Characters.Length, length++) number -= count;
        var name = new char[length];
        for (var i = length - 1; i > 0; i--, number /= Characters.Length) name[i] = Characters[number % Characters.Length];
        name[0] = Letters[number];
        return new string(name);
    }
}
