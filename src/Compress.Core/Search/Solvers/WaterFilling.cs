namespace Compress.Search.Solvers;

/// <summary>
/// Bits of a layer's channels around their mean by reverse water-filling: b = b̄ + ½ log2(I R² / geometric mean), so that every channel's weighted rounding
/// noise I·R²·4^−b is the same; a channel that would need less than the least has it.
/// </summary>
public static class WaterFilling
{
    /// <param name="mean">Bits that the channels have on average, before they are rounded and clipped.</param>
    /// <param name="importance">What a channel's squared error counts.</param>
    /// <param name="range">Half of the range of a channel's weights.</param>
    public static int[] Bits(double mean, double[] importance, double[] range, int least, int most)
    {
        var noise = importance.Zip(range, (i, r) => 0.5 * Math.Log2(Math.Max(i * r * r, 1e-30))).ToArray();
        var level = noise.Average();
        return [.. noise.Select(n => (int)Math.Clamp(Math.Round(mean + n - level, MidpointRounding.AwayFromZero), least, most))];
    }
}
