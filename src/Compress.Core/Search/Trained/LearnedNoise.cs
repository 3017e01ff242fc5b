using Compress.Analysis;
using Compress.Graph;

namespace Compress.Search.Trained;

/// <summary>Dropout rates as variational training has learned them.</summary>
/// <param name="Rates">Layer name → α of each output channel.</param>
/// <param name="Prior">ω over the number of samples, at the end of training.</param>
internal sealed record LearnedNoise(IReadOnlyDictionary<string, double[]> Rates, double Prior)
{
    /// <summary>
    /// From an α for each weight: a channel has one width in the file, so it bears what its weights bear together, Σ α θ² over Σ θ²; a weight can't bear more than its
    /// own loss.
    /// </summary>
    /// <param name="rates">In the layout of the weights' matrix.</param>
    public static double[] OfChannels(double[] rates, WeightMatrix matrix)
    {
        var length = matrix.RowsPerScale * matrix.Columns;
        return [.. Enumerable.Range(0, matrix.Scales).Select(channel =>
        {
            double noise = 0, energy = 1e-30;
            for (var i = channel * length; i < (channel + 1) * length; i++)
            {
                var square = matrix.Values[i] * (double)matrix.Values[i];
                noise += Math.Min(rates[i], 1) * square;
                energy += square;
            }
            return Math.Max(noise / energy, 1e-12);
        })];
    }

    /// <summary>What stands for Hθ² against a prior of 1: the inverse of α, along the axis of a layer's output channels.</summary>
    /// <param name="count">Length of the axis; a grouped transposed convolution has as many channels in each group.</param>
    public double[] Saliency(string layer, int count)
    {
        var rates = Rates[layer];
        return [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, rates.Length / count).Average(group => 1 / rates[(group * count) + i]))];
    }

    /// <summary>The same of the channels of a group, the mean over all rows that make one.</summary>
    public double[] Saliency(ChannelGroup group, OnnxGraph graph)
    {
        var sums = new double[group.Channels];
        var rows = 0;
        foreach (var producer in group.Producers.Where(producer => Rates.ContainsKey(producer.Layer)))
        {
            var own = Saliency(producer.Layer, (int)graph.Constants[producer.Weight.Value].Dims[producer.Weight.Axis]);
            for (var c = 0; c < sums.Length; c++) sums[c] += producer.Weight.Indices[c].Sum(position => own[position]);
            rows += producer.Weight.Indices[0].Length;
        }
        return Array.ConvertAll(sums, sum => sum / Math.Max(1, rows));
    }
}
