using Compress.Analysis;
using Compress.Policy;

namespace Compress.Plan;

/// <summary>An activation's grid from its histogram.</summary>
public static class RangeSearch
{
    /// <summary>Share of the values that the percentile method keeps.</summary>
    private const double Percentile = 0.99999;

    private const int Steps = 64;

    public static Quantizer Choose(Histogram histogram, int bits, RangeMethod method) => histogram.IsEmpty ? Quantizer.Covering(0, 1, bits) : method switch
    {
        RangeMethod.MinMax => Quantizer.Covering(histogram.Min, histogram.Max, bits),
        RangeMethod.MeanMinMax => Quantizer.Covering(histogram.MeanMin, histogram.MeanMax, bits),
        RangeMethod.Percentile => ByPercentile(histogram, bits),
        RangeMethod.Entropy => ByShrinking(histogram, bits, Divergence),
        _ => ByShrinking(histogram, bits, SquaredError),
    };

    /// <summary>Mean squared error of the grid on the histogram, by bin centres; within a grid step the rounding error is taken as uniform.</summary>
    public static double SquaredError(Histogram histogram, Quantizer grid)
    {
        var (low, high, step) = (grid.Low, grid.High, (double)grid.Scale);
        double error = 0;
        for (var bin = 0; bin < histogram.Counts.Length; bin++)
        {
            if (histogram.Counts[bin] == 0) continue;
            var x = histogram.Center(bin);
            var y = Math.Clamp(Math.Round(x / step) * step, low, high);
            var distance = x - y;
            // A bin that is wider than the grid step hides the rounding inside it.
            var inside = histogram.Width > step && x > low && x < high ? step * step / 12 : distance * distance;
            error += histogram.Counts[bin] * inside;
        }
        return error / histogram.Total;
    }

    /// <summary>Kullback–Leibler divergence from the histogram to the same histogram after rounding to the grid, mass spread evenly over the bins of a grid point.</summary>
    public static double Divergence(Histogram histogram, Quantizer grid)
    {
        var mass = new double[grid.Top + 1];
        var bins = new int[grid.Top + 1];
        var point = new int[histogram.Counts.Length];
        for (var bin = 0; bin < point.Length; bin++)
        {
            var q = (int)Math.Clamp(Math.Round(histogram.Center(bin) / grid.Scale) + grid.ZeroPoint, 0, grid.Top);
            point[bin] = q;
            if (histogram.Counts[bin] == 0) continue;
            // Clipped mass lands on the border in the reference as well; only what lies inside can carry it.
            mass[q] += histogram.Counts[bin];
            bins[q]++;
        }
        double divergence = 0;
        for (var bin = 0; bin < point.Length; bin++)
        {
            if (histogram.Counts[bin] == 0) continue;
            var p = histogram.Counts[bin] / (double)histogram.Total;
            var x = histogram.Center(bin);
            var clipped = x < grid.Low - grid.Scale || x > grid.High + grid.Scale;
            var q = clipped ? 1e-9 : mass[point[bin]] / bins[point[bin]] / histogram.Total;
            divergence += p * Math.Log(p / Math.Max(q, 1e-12));
        }
        return divergence;
    }

    private static Quantizer ByPercentile(Histogram histogram, int bits)
    {
        var tail = (long)((1 - Percentile) * histogram.Total);
        var (low, high) = (0, histogram.Counts.Length - 1);
        for (long seen = 0; low < high && (seen += histogram.Counts[low]) <= tail; low++) { }
        for (long seen = 0; high > low && (seen += histogram.Counts[high]) <= tail; high--) { }
        return Quantizer.Covering(Math.Max(histogram.Min, histogram.Center(low) - (histogram.Width / 2)), Math.Min(histogram.Max, histogram.Center(high) + (histogram.Width / 2)), bits);
    }

    /// <summary>Shrinks the upper end, then the lower one, and keeps the best.</summary>
    private static Quantizer ByShrinking(Histogram histogram, int bits, Func<Histogram, Quantizer, double> error)
    {
        var (low, high) = (histogram.Min, histogram.Max);
        (high, _) = Best(factor => Quantizer.Covering(low, high * factor, bits), histogram, error, high);
        if (low < 0) (low, _) = Best(factor => Quantizer.Covering(low * factor, high, bits), histogram, error, low);
        return Quantizer.Covering(low, high, bits);
    }

    private static (double End, double Error) Best(Func<double, Quantizer> grid, Histogram histogram, Func<Histogram, Quantizer, double> error, double end)
    {
        var best = (End: end, Error: double.PositiveInfinity);
        for (var step = 0; step <= Steps; step++)
        {
            var factor = 1 - (0.8 * step / Steps);
            var value = error(histogram, grid(factor));
            if (value < best.Error) best = (end * factor, value);
        }
        return best;
    }
}
