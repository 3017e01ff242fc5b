using Compress.Policy;

namespace Compress.Apply;

/// <summary>Rounding to nearest with a searched scale, for weights without data: the shrink factor of least Σ|w − q|^2.5 (BRECQ's rule, which takes 2.4; 2.5 costs but a root).</summary>
public static class NearestRounding
{
    private const int Steps = 40;

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
        return new RoundedWeights(codes, scales, rows, columns, rowsPerScale, bits);
    }

    /// <summary>The largest weight sets the scale: Δ = max|w| / 2^(b−1) (Alg. 3 of Zhang, Colbert, Das without its powers of two), clamped to the grid.</summary>
    public static RoundedWeights Covering(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid? within = null) =>
        Round(weights, rows, columns, rowsPerScale, bits, within ?? WeightGrid.Of(bits), (values, grid) => Math.Max(Largest(values) / -grid.Low, 1e-8));

    /// <summary>The scale of least error for values that share it; a harmless 1e-8 when all are zero.</summary>
    public static double Scale(ReadOnlySpan<double> values, WeightGrid grid)
    {
        var largest = Largest(values);
        if (largest == 0) return 1e-8;
        if (grid == WeightGrid.Of(QuantizePolicy.Ternary)) return Ternary(values);
        var best = (Scale: largest / grid.High, Error: double.PositiveInfinity);
        for (var step = 0; step < Steps; step++)
        {
            var scale = largest / grid.High * (1 - (0.65 * step / Steps));
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
