namespace Compress.Analysis.Importance;

/// <summary>Scores of single layers, brought to one scale and reduced to one score a channel.</summary>
internal static class LayerScores
{
    /// <summary>Numbers for the positions along an axis, summed over the positions of each channel.</summary>
    public static double[] PerChannel(AxisSlices slices, Func<int, double> position) => [.. slices.Indices.Select(positions => positions.Sum(position))];

    /// <summary>The mean over layers, each divided by its own mean; layers of nothing but zeros count as zeros.</summary>
    public static double[] Combine(int channels, IReadOnlyCollection<double[]> layers)
    {
        var result = new double[channels];
        foreach (var scores in layers)
        {
            var mean = scores.Average();
            if (mean <= 0) continue;
            for (var c = 0; c < channels; c++) result[c] += scores[c] / mean / layers.Count;
        }
        return result;
    }

    /// <summary>The values that a group's consumers read, each once.</summary>
    public static IEnumerable<AxisSlices> Sites(ChannelGroup group) => group.Consumers.Select(consumer => consumer.Activation).DistinctBy(slices => (slices.Value, slices.Axis));
}
