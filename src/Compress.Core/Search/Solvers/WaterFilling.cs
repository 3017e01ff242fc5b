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

    /// <summary>
    /// Widths that together take no more than so many bits and leave the least noise Σ n·4^−b: all have the smallest, then one after the other the next where a
    /// bit takes away most.
    /// </summary>
    /// <param name="total">Bits of all channels together.</param>
    /// <param name="noise">Noise of each channel at no bits.</param>
    /// <param name="widths">Those that there are, ascending.</param>
    public static int[] Within(double total, double[] noise, int[] widths)
    {
        var (levels, left) = (new int[noise.Length], total - ((double)widths[0] * noise.Length));
        var open = new PriorityQueue<int, (double Gain, int Channel)>();
        for (var channel = 0; channel < noise.Length; channel++) Offer(channel);
        while (open.TryDequeue(out var channel, out _))
        {
            var step = widths[levels[channel] + 1] - widths[levels[channel]];
            if (step > left) continue;
            left -= step;
            levels[channel]++;
            Offer(channel);
        }
        return Array.ConvertAll(levels, level => widths[level]);

        void Offer(int channel)
        {
            if (levels[channel] + 1 == widths.Length) return;
            var (now, next) = (widths[levels[channel]], widths[levels[channel] + 1]);
            open.Enqueue(channel, (-noise[channel] * (Math.Pow(4, -now) - Math.Pow(4, -next)) / (next - now), channel));
        }
    }
}
