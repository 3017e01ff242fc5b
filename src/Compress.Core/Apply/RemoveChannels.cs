using Compress.Analysis;
using Compress.Analysis.IndexMaps;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>
/// Takes channels out of a model for good: smaller weights, smaller activations, adapted parameters. The result computes what the
/// model computes when the removed channels' consumers have zero weights (<see cref="MaskChannels"/>), up to float rounding.
/// </summary>
public static class RemoveChannels
{
    /// <summary>A new model; <paramref name="groups"/> must be those of <paramref name="model"/>.</summary>
    /// <exception cref="Diagnostics.CompressionException">CMP6001 to CMP6003: a cut that does not fit the groups.</exception>
    public static OnnxModel Apply(OnnxModel model, ChannelGroupSet groups, IReadOnlyList<ChannelCut> cuts)
    {
        var kept = KeptPositions.Of(groups, cuts);
        var result = model.Clone();
        if (kept.Count == 0) return result;

        var graph = result.Graph;
        foreach (var ((value, axis), positions) in kept)
            if (graph.Constants.TryGetValue(value, out var tensor)) graph.Constants[value] = TensorSlices.Take(tensor, axis, positions);
        var cut = new AxisCut(graph, groups.Shapes, kept, model.Opset);
        foreach (var node in graph.Nodes.Where(cut.Touches)) ChannelOperators.Of(node)?.Map.Resize(node, cut);
        foreach (var size in groups.Sizes.Where(size => cut.IsCut(size.Value, size.Axis))) Rewrite(graph, size, cut.Size(size.Value, size.Axis));
        RemoveUnread(graph, model.Graph);
        return result;
    }

    private static void Rewrite(OnnxGraph graph, SizeParameter size, int value)
    {
        var node = graph.Nodes.Single(node => node.Outputs.Contains(size.NodeOutput));
        var old = graph.Constants[node.Inputs[size.Slot]];
        var numbers = old.Integers();
        numbers[size.Index] = value;
        Parameters.SetInput(graph, node, size.Slot, Tensor.Of(numbers, old.Dims));
    }

    /// <summary>Constants that lost their last reader here; others stay as the model had them.</summary>
    private static void RemoveUnread(OnnxGraph graph, OnnxGraph before)
    {
        var read = Read(graph);
        foreach (var name in Read(before).Where(name => !read.Contains(name))) graph.Constants.Remove(name);
        foreach (var name in graph.Constants.Keys.Where(name => !before.Constants.ContainsKey(name) && !read.Contains(name)).ToArray()) graph.Constants.Remove(name);
    }

    private static HashSet<string> Read(OnnxGraph graph) =>
        [.. graph.Nodes.SelectMany(node => node.Inputs.Concat(SubGraphs.Captures(node))), .. graph.Outputs.Select(output => output.Name)];
}
