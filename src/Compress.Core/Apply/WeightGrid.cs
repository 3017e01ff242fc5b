using Compress.Policy;

namespace Compress.Apply;

/// <summary>The integers that weights of b bits may take: symmetric around zero but for the one extra negative value of two's complement; ternary ones take −1, 0 and 1.</summary>
public readonly record struct WeightGrid(int Low, int High)
{
    /// <summary>
    /// Without VNNI, processors add two products of uint8 and int8 in 16 bits, which saturate. Two weights of at most this magnitude never do:
    /// 2 · 255 · 64 ≤ 32,767.
    /// </summary>
    public const int SafeMagnitude = 64;

    /// <summary>The grid of each scale, where they differ; low and high are then those of the widest.</summary>
    public IReadOnlyList<WeightGrid>? Each { get; init; }

    public WeightGrid At(int scale) => Each is { } own ? own[scale] : this;

    public static WeightGrid Of(int bits) => bits == QuantizePolicy.Ternary ? new(-1, 1) : bits == 8 ? new(-127, 127) : new(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);

    /// <summary>The part of the grid on which 16-bit pair sums can't overflow against activations of the given width.</summary>
    public static WeightGrid Safe(int bits, int activationBits) =>
        bits == 8 && activationBits == 8 ? new(-SafeMagnitude, SafeMagnitude) : Of(bits);

    public double Round(double value) => Math.Clamp(Math.Round(value), Low, High);
}

/// <summary>Rounded weights of one layer: integer codes [rows, columns] in the matrix layout, one scale for every <c>RowsPerScale</c> rows.</summary>
public sealed record RoundedWeights(sbyte[] Codes, float[] Scales, int Rows, int Columns, int RowsPerScale, int Bits)
{
    /// <summary>The width of each scale's codes, where they differ.</summary>
    public IReadOnlyList<int>? Widths { get; init; }

    /// <summary>The largest magnitude of an int32 bias: the other half of int32 is left to the products. Rows of zeros leave the choice, so theirs takes 16 bits.</summary>
    private const double LargestBias = 1 << 30, LargestAlone = 1 << 14;

    /// <summary>
    /// The same weights on scales that are wide enough for the bias, which an integer kernel adds as a multiple of weight scale × input scale.
    /// Only rows of weights that are next to nothing beside their bias change.
    /// </summary>
    /// <param name="bias">One value a scale.</param>
    public RoundedWeights WithRoomFor(float[] bias, float inputScale)
    {
        var (codes, scales) = ((sbyte[])Codes.Clone(), (float[])Scales.Clone());
        for (var s = 0; s < scales.Length; s++)
        {
            var own = codes.AsSpan(s * RowsPerScale * Columns, RowsPerScale * Columns);
            var least = ChannelScale.Of(Math.Abs(bias[s]) / ((own.ContainsAnyExcept((sbyte)0) ? LargestBias : LargestAlone) * inputScale));
            if (scales[s] >= least) continue;
            foreach (ref var code in own) code = (sbyte)Math.Round(code * scales[s] / least);
            scales[s] = least;
        }
        return this with { Codes = codes, Scales = scales };
    }

    public float[] Dequantized()
    {
        var values = new float[Codes.Length];
        for (var r = 0; r < Rows; r++)
            for (var c = 0; c < Columns; c++)
                values[(r * Columns) + c] = Codes[(r * Columns) + c] * Scales[r / RowsPerScale];
        return values;
    }
}
