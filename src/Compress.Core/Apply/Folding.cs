using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Simplifies a float model without changing what it computes, up to float rounding: constant expressions, nodes that do nothing, int8 where uint8 does,
/// hard-sigmoid in one node, and per-channel scales and shifts (BatchNormalization, Mul, Add …) that the weights of a neighbouring layer can hold.
/// Graph inputs and outputs, the values that remain and the names of layers stay as they are.
/// </summary>
public static class Folding
{
    public static (OnnxModel Model, FoldLog Log) Apply(OnnxModel model)
    {
        var copy = model.Clone();
        NameNodes(copy.Graph);

        var log = new List<Fold>();
        var scope = new FoldScope(copy, log);
        FoldConstants.Apply(scope);
        FoldNoOps.Apply(scope);
        FoldSigned.Apply(scope);
        FoldHardSigmoid.Apply(scope);
        FoldIntoPrevious.Apply(scope);
        FoldScalars.Apply(scope);
        FoldIntoNext.Apply(scope);
        Unused.Remove(copy.Graph);
        return (copy, new FoldLog(log));
    }

    /// <summary>Every node gets a name, and one of its own: the first to bear a name keeps it.</summary>
    private static void NameNodes(OnnxGraph graph)
    {
        var taken = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var met = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Name.Length > 0 && met.Add(node.Name)) continue;
            var wish = node.Name.Length > 0 ? node.Name : node.Outputs.First(output => output.Length > 0);
            node.Name = wish;
            for (var i = 2; !taken.Add(node.Name); i++) node.Name = $"{wish}_{i}";
            met.Add(node.Name);
        }
    }
}
