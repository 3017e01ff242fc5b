using Compress.Graph;

namespace Compress.Analysis;

/// <summary>
/// A branch that ends in a residual sum and that one channel group alone feeds. Without any of the group's channels the branch is a constant, which the bias
/// of later layers takes over, and the sum is its other side: a block less to run.
/// </summary>
/// <param name="Sum">The Add node.</param>
/// <param name="Other">Its other side.</param>
public sealed record OptionalBranch(Node Sum, string Other)
{
    /// <summary>Null where the model can't do without the group.</summary>
    public static OptionalBranch? Of(ChannelGroup group, ModelFacts facts)
    {
        if (group.Consumers is not [var reader] || facts.Layers.FirstOrDefault(layer => layer.Name == reader.Layer) is not { } last) return null;
        var graph = facts.Model.Graph;
        if (GraphIndex.Of(graph).OnlyConsumer(last.Output) is not { Op: "Add", Domain: "" } sum) return null;
        var other = sum.Inputs[0] == last.Output ? sum.Inputs[1] : sum.Inputs[0];
        if (other == last.Output || graph.Constants.ContainsKey(other) || !facts.Shapes[other].Dims.SequenceEqual(facts.Shapes[sum.Output].Dims)) return null;
        var branch = new OptionalBranch(sum, other);
        return branch.Nodes(graph) is { } nodes && nodes.All(node => node.Outputs.Count == 1 && !graph.IsOutput(node.Output)) && nodes.Any(node => node == last.Node) ? branch : null;
    }

    /// <summary>Takes the branches out of a model whose nodes are those of the float model in the same order: the sums hand their other side on, and what only the branches needed does nothing.</summary>
    public static void Remove(OnnxGraph graph, OnnxGraph original, IReadOnlyList<OptionalBranch> branches)
    {
        foreach (var branch in branches)
        {
            var needed = branch.Nodes(original).Select(node => original.Nodes.IndexOf(node)).ToList();
            // Nodes stay in step with the float model's.
            foreach (var node in needed.Append(original.Nodes.IndexOf(branch.Sum))) Bypass(graph, node, branch.Other);
        }
    }

    /// <summary>What nothing reads any more once the branch is gone.</summary>
    private IReadOnlyList<Node> Nodes(OnnxGraph graph)
    {
        var copy = new OnnxGraph { Nodes = [.. graph.Nodes], Outputs = graph.Outputs };
        Bypass(copy, copy.Nodes.IndexOf(Sum), Other);
        return [.. Unused.Nodes(copy).Except(Unused.Nodes(graph))];
    }

    private static void Bypass(OnnxGraph graph, int node, string value) =>
        graph.Nodes[node] = new Node("Identity", [value], [graph.Nodes[node].Output], graph.Nodes[node].Name);
}
