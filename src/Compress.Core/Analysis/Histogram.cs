using System.Numerics.Tensors;

namespace Compress.Analysis;

/// <summary>
/// A streaming histogram of a value: fixed memory, any range. Bins have equal width; when a value falls outside, the width doubles and
/// neighbours are merged, so that the result does not depend on how the stream was cut into batches (up to the power of two of the first width).
/// </summary>
public sealed class Histogram
{
    /// <summary>Bins on each side of zero.</summary>
    public const int HalfBins = 2048;

    /// <summary>The inverse of the width must be a float.</summary>
    private const int SmallestExponent = -120;

    private double width;
    private int batches;

    public long[] Counts { get; } = new long[2 * HalfBins];

    public double Width => width;

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Mean over the batches of their smallest values (Alg. 2 of Zhang, Colbert, Das): outliers of single batches weigh less.</summary>
    public double MeanMin { get; private set; }

    /// <summary>Mean over the batches of their largest values.</summary>
    public double MeanMax { get; private set; }

    public long Total { get; private set; }

    public bool IsEmpty => Total == 0;

    public bool HasNonFinite { get; private set; }

    public void Add(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) return;
        var (min, max) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        if (!float.IsFinite(min) || !float.IsFinite(max))
        {
            HasNonFinite = true;
            return;
        }
        Min = Math.Min(Min, min);
        Max = Math.Max(Max, max);
        batches++;
        MeanMin += (min - MeanMin) / batches;
        MeanMax += (max - MeanMax) / batches;
        Grow(Math.Max(Math.Abs((double)min), Math.Abs((double)max)));
        Total += values.Length;
        if (width == 0)
        {
            Counts[HalfBins] += values.Length;
            return;
        }
        var inverse = (float)(1 / width);
        foreach (var value in values) Counts[Bin(value * inverse)]++;
    }

    /// <summary>The middle of a bin.</summary>
    public double Center(int bin) => width == 0 ? 0 : (bin - HalfBins + 0.5) * width;

    /// <summary>Bins are open towards zero and closed away from it, so that merged ones hold what one of twice the width holds.</summary>
    private static int Bin(float widths) => widths > 0 ? HalfBins - 1 + (int)MathF.Ceiling(widths) : HalfBins + (int)MathF.Floor(widths);

    private void Grow(double magnitude)
    {
        if (magnitude == 0) return;
        if (width == 0)
        {
            // A power of two, so that every later width is reached by doubling, wherever the stream starts.
            width = Math.Pow(2, Math.Max(SmallestExponent, Math.Ceiling(Math.Log2(magnitude / HalfBins))));
            return;
        }
        while (magnitude > width * HalfBins)
        {
            width *= 2;
            for (var bin = 0; bin < HalfBins / 2; bin++)
            {
                Counts[HalfBins + bin] = Counts[HalfBins + (2 * bin)] + Counts[HalfBins + (2 * bin) + 1];
                Counts[HalfBins - 1 - bin] = Counts[HalfBins - 1 - (2 * bin)] + Counts[HalfBins - 2 - (2 * bin)];
            }
            Array.Clear(Counts, HalfBins + (HalfBins / 2), HalfBins / 2);
            Array.Clear(Counts, 0, HalfBins / 2);
        }
    }
}
