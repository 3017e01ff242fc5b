namespace DetectorIoU;

/// <summary>A box in pixels of the scene.</summary>
internal readonly record struct Box(float CentreX, float CentreY, float Width, float Height)
{
    public const int Grid = 8;
    public const int Cells = Grid * Grid;

    /// <summary>Pixels of a cell's side.</summary>
    public const float Stride = 8;

    /// <summary>Pixels of a side whose logarithm is 0.</summary>
    public const float Anchor = 24;

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

    /// <summary>Area that both boxes share over the area that either covers, 0 to 1.</summary>
    public double Overlap(Box other)
    {
        var shared = Shared(CentreX, Width, other.CentreX, other.Width) * Shared(CentreY, Height, other.CentreY, other.Height);
        var covered = (double)Width * Height + (double)other.Width * other.Height - shared;
        return covered > 0 ? shared / covered : 0;
    }

    private static double Shared(float centreA, float sizeA, float centreB, float sizeB) =>
        Math.Max(0, Math.Min(centreA + sizeA / 2.0, centreB + sizeB / 2.0) - Math.Max(centreA - sizeA / 2.0, centreB - sizeB / 2.0));

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
