using Compress.Graph;

namespace Compress.Analysis;

/// <summary>The layers that read a group's channels, as matrices; null when one of them has no such form and its loss can't be computed.</summary>
public static class ChannelReaders
{
    /// <param name="moments">Layer name → moments of the float model.</param>
    /// <param name="importance">Layer name → what its squared output error counts, relative to the output's variance.</param>
    public static IReadOnlyList<ChannelReader>? Of(ChannelGroup group, ModelFacts facts, IReadOnlyDictionary<string, Moments> moments, Func<string, double> importance)
    {
        if (group.Consumers.Count == 0) return null;
        var readers = new List<ChannelReader>();
        foreach (var consumer in group.Consumers)
        {
            if (facts.Layers.FirstOrDefault(layer => layer.Name == consumer.Layer && layer.Weight == consumer.Weight.Value) is not { } layer || !moments.TryGetValue(layer.Name, out var own)) return null;
            var weight = facts.Model.Graph.Constants[layer.Weight];
            var variance = Math.Max(own.Variance.Sum(), 1e-12);
            readers.Add(new ChannelReader(own, Array.ConvertAll(WeightMatrix.Of(layer, weight).Values, value => (double)value), Columns(layer, weight, consumer.Weight), importance(layer.Name) / variance));
        }
        return readers;
    }

    /// <summary>Positions along the weight's input axis as columns of its matrix.</summary>
    private static IReadOnlyList<int[]> Columns(Layer layer, Tensor weight, AxisSlices slices)
    {
        var kernel = layer.Kind == LayerKind.Conv ? (int)Tensor.ElementCount(weight.Dims.AsSpan(2)) : 1;
        return [.. slices.Indices.Select(positions => positions.SelectMany(position => Enumerable.Range(position * kernel, kernel)).ToArray())];
    }
}
