using System.Numerics;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>Rounding to nearest with a searched scale, for weights without data: the shrink factor of least Σ|w − q|^2.5 (BRECQ's rule, which takes 2.4; 2.5 costs but a root).</summary>
public static class NearestRounding
{
    private const int Candidates = 40;

    /// <summary>Half of the range of nested grids in standard deviations, as published (β).</summary>
    private const double NestedRange = 1.5;

    private delegate double ScaleRule(ReadOnlySpan<double> values, WeightGrid grid);

    public static RoundedWeights Round(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid? within = null) =>
        Round(weights, rows, columns, rowsPerScale, bits, within ?? WeightGrid.Of(bits), Scale);

    private static RoundedWeights Round(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid grid, ScaleRule rule)
    {
        var codes = new sbyte[rows * columns];
        var scales = new float[rows / rowsPerScale];
        var block = rowsPerScale * columns;
        for (var s = 0; s < scales.Length; s++)
        {
            var values = weights.Slice(s * block, block);
            var own = grid.At(s);
            scales[s] = (float)rule(values, own);
            for (var i = 0; i < block; i++) codes[(s * block) + i] = (sbyte)own.Round(values[i] / scales[s]);
        }
        return new RoundedWeights(codes, scales, rows, columns, rowsPerScale, bits) { Grid = grid };
    }

    /// <summary>The largest weight sets the scale: Δ = max|w| / 2^(b−1) (Alg. 3 of Zhang, Colbert, Das without its powers of two), clamped to the grid.</summary>
    public static RoundedWeights Covering(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid? within = null) =>
        Round(weights, rows, columns, rowsPerScale, bits, within ?? WeightGrid.Of(bits), (values, grid) => Math.Max(Largest(values) / -grid.Low, 1e-8));

    /// <summary>
    /// One range for the whole layer, ±β standard deviations of its weights, whatever the width of a channel: the points of b bits are every 2^(N−b)-th of N
    /// bits, as quantization-aware pruning has it.
    /// </summary>
    public static RoundedWeights Nested(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid? within = null)
    {
        var (grid, all) = (within ?? WeightGrid.Of(bits), weights.ToArray());
        var mean = all.Average();
        var range = 2 * NestedRange * Math.Sqrt(all.Average(w => (w - mean) * (w - mean)));
        return Round(weights, rows, columns, rowsPerScale, bits, grid, (_, own) => Math.Max(range / Steps(own), 1e-8));
    }

    /// <summary>Steps that a range has on a grid: a power of two, 3 for ternary weights.</summary>
    private static uint Steps(WeightGrid grid) => grid == WeightGrid.Of(QuantizePolicy.Ternary) ? 3 : BitOperations.RoundUpToPowerOf2((uint)(grid.High - grid.Low));

    /// <summary>The scale of least error for values that share it; a harmless 1e-8 when all are zero.</summary>
    public static double Scale(ReadOnlySpan<double> values, WeightGrid grid) => ChannelScale.Of(Least(values, grid));

    private static double Least(ReadOnlySpan<double> values, WeightGrid grid)
    {
        var largest = Largest(values);
        if (largest == 0) return 1e-8;
        if (grid == WeightGrid.Of(QuantizePolicy.Ternary)) return Ternary(values);
        var best = (Scale: largest / grid.High, Error: double.PositiveInfinity);
        for (var step = 0; step < Candidates; step++)
        {
            var scale = largest / grid.High * (1 - (0.65 * step / Candidates));
            double error = 0;
            foreach (var value in values)
            {
                var miss = Math.Abs(value - (grid.Round(value / scale) * scale));
                error += miss * miss * Math.Sqrt(miss);
            }
            if (error < best.Error) best = (scale, error);
        }
        return best.Scale;
    }

    /// <summary>The rule of ternary weight networks (Li, Zhang, Liu 2016): the mean magnitude of those above 0.7 of the mean magnitude.</summary>
    private static double Ternary(ReadOnlySpan<double> values)
    {
        double all = 0, above = 0;
        foreach (var value in values) all += Math.Abs(value);
        var (threshold, count) = (0.7 * all / values.Length, 0);
        foreach (var value in values)
            if (Math.Abs(value) > threshold) (above, count) = (above + Math.Abs(value), count + 1);
        return above / count;
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
