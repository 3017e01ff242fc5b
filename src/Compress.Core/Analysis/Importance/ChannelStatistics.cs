using Compress.Graph;

namespace Compress.Analysis.Importance;

/// <summary>Statistics of an activation, one number for each position along an axis.</summary>
/// <param name="MeanAbsolute">Mean of |x|.</param>
/// <param name="Frequency">Share of x ≠ 0.</param>
/// <param name="MeanSquare">Mean of x².</param>
/// <param name="Rank">Mean rank of the position's maps; <paramref name="MeanAbsolute"/> where the maps are too small to have a telling rank (at most 2×2).</param>
public sealed record ChannelStatistics(double[] MeanAbsolute, double[] Frequency, double[] MeanSquare, double[] Rank);

/// <summary>
/// Gathers <see cref="ChannelStatistics"/> batch by batch. Means are running means over batches, as Zhang et al. have them: m ← (t·m + mean of the batch) / (t + 1).
/// </summary>
public sealed class ChannelStatisticsSum(int axis, bool withRanks = false)
{
    private double[] absolute = [], frequency = [], square = [], rank = [];
    private bool ranked;
    private int batches;

    public void Add(Tensor batch)
    {
        var values = batch.Floats();
        var size = (int)batch.Dims[axis];
        var block = (int)Tensor.ElementCount(batch.Dims.AsSpan(axis + 1));
        var (a, f, s) = (new double[size], new double[size], new double[size]);
        for (var i = 0; i < values.Length; i++)
        {
            var position = i / block % size;
            double x = values[i];
            a[position] += Math.Abs(x);
            s[position] += x * x;
            if (x != 0) f[position]++;
        }
        var count = (double)values.Length / size;
        absolute = Run(absolute, a, count);
        frequency = Run(frequency, f, count);
        square = Run(square, s, count);
        if (withRanks && axis == 1 && batch.Rank == 4 && batch.Dims[2] * batch.Dims[3] > 4)
        {
            rank = Run(rank, MapRank.Sums(values, (int)batch.Dims[0], size, (int)batch.Dims[2], (int)batch.Dims[3]), batch.Dims[0]);
            ranked = true;
        }
        batches++;
    }

    public ChannelStatistics Result => new(absolute, frequency, square, ranked ? rank : absolute);

    private double[] Run(double[] mean, double[] sums, double count)
    {
        if (batches == 0) return Array.ConvertAll(sums, sum => sum / count);
        for (var i = 0; i < mean.Length; i++) mean[i] = ((batches * mean[i]) + (sums[i] / count)) / (batches + 1);
        return mean;
    }
}
