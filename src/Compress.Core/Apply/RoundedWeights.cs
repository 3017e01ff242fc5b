namespace Compress.Apply;

/// <summary>Rounded weights of one layer: integer codes [rows, columns] in the matrix layout, one scale for every <c>RowsPerScale</c> rows.</summary>
public sealed record RoundedWeights(sbyte[] Codes, float[] Scales, int Rows, int Columns, int RowsPerScale, int Bits)
{
    /// <summary>The integers that the codes are of.</summary>
    public WeightGrid Grid { get; init; } = WeightGrid.Of(Bits);

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
            foreach (ref var code in own) code = (sbyte)Grid.At(s).Round(code * scales[s] / least);
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
