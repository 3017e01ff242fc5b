namespace DetectorIoU;

/// <summary>A box in pixels of the scene.</summary>
internal readonly record struct Box(float CentreX, float CentreY, float Width, float Height)
{
    private const int Grid = 8;
    private const int Cells = Grid * Grid;
    private const float Stride = 8;
    private const float Anchor = 24;

    /// <summary>Values of one scene in the detector's output [N,5,8,8].</summary>
    public const int OutputLength = 5 * Cells;

    /// <summary>Channel 0 says in which cell the object is, channels 1 and 2 where in it, channels 3 and 4 how large it is.</summary>
    public static Box Decode(ReadOnlySpan<float> output)
    {
        var cell = 0;
        for (var i = 1; i < Cells; i++)
            if (output[i] > output[cell]) cell = i;
        return new(
            (cell % Grid + Sigmoid(output[Cells + cell])) * Stride,
            (cell / Grid + Sigmoid(output[2 * Cells + cell])) * Stride,
            Anchor * MathF.Exp(output[3 * Cells + cell]),
            Anchor * MathF.Exp(output[4 * Cells + cell]));
    }

    /// <summary>Where and how large, as the detector says it in the cell of the centre; the other values stay as they are.</summary>
    public void Encode(Span<float> output)
    {
        var (column, row) = (Cell(CentreX), Cell(CentreY));
        var cell = (row * Grid) + column;
        output[Cells + cell] = Logit((CentreX / Stride) - column);
        output[2 * Cells + cell] = Logit((CentreY / Stride) - row);
        output[3 * Cells + cell] = MathF.Log(Width / Anchor);
        output[4 * Cells + cell] = MathF.Log(Height / Anchor);
    }

    /// <summary>Area that both boxes share over the area that either covers, 0 to 1.</summary>
    public double Overlap(Box other)
    {
        var shared = Shared(CentreX, Width, other.CentreX, other.Width) * Shared(CentreY, Height, other.CentreY, other.Height);
        var covered = (double)Width * Height + (double)other.Width * other.Height - shared;
        return covered > 0 ? shared / covered : 0;
    }

    private static double Shared(float centreA, float sizeA, float centreB, float sizeB) =>
        Math.Max(0, Math.Min(centreA + sizeA / 2.0, centreB + sizeB / 2.0) - Math.Max(centreA - sizeA / 2.0, centreB - sizeB / 2.0));

    private static int Cell(float centre) => Math.Clamp((int)(centre / Stride), 0, Grid - 1);

    /// <summary>Of a share of a cell; its borders would be infinite.</summary>
    private static float Logit(float share)
    {
        share = Math.Clamp(share, 0.05f, 0.95f);
        return MathF.Log(share / (1 - share));
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
