namespace Compress.Runtime.Operators;

/// <summary>Tiles of 4 × 4 over an output, gone through in groups of rows of tiles, which may be of several samples.</summary>
/// <param name="Rows">Rows of tiles, of all samples.</param>
/// <param name="Down">Those of a sample.</param>
/// <param name="Across">Tiles of a row.</param>
/// <param name="Group">Rows that are gone through together, except for the last ones.</param>
internal readonly record struct Tiling(long Rows, long Down, long Across, long Group)
{
    /// <summary>Of a tile, and of the kernel.</summary>
    public const int Side = 4, Kernel = 3;

    /// <summary>Values that a tile meets along an axis, and with both of them: as many products it takes for each pair of channels.</summary>
    public const int Reach = Side + Kernel - 1, Products = Reach * Reach;

    /// <summary>Tiles of a group, unless a row has more: so many that the weights which they meet are read seldom, so few that the second cache holds what becomes of some 64 channels.</summary>
    private const long Most = 48;

    /// <summary>Tiles in all that are worth what is made of the weights first.</summary>
    private const long Least = 16;

    /// <summary>Whether a convolution is faster so: its kernel is 3 × 3 and moves by one, and its tiles are not few and half full at least.</summary>
    /// <param name="output">[N, M, H, W].</param>
    public static bool Suits(ConvShape shape, long[] output)
    {
        if (shape.IsDepthwise || shape.Kernel != (Kernel, Kernel) || shape.Strides != (1, 1) || shape.Dilations != (1, 1)) return false;
        var tiles = Count(output[2]) * Count(output[3]);
        return output[0] * tiles >= Least && 2 * output[2] * output[3] >= tiles * Side * Side;
    }

    public static Tiling Of(long[] output)
    {
        long down = Count(output[2]), across = Count(output[3]);
        return new(output[0] * down, down, across, Math.Clamp(Most / across, 1, output[0] * down));
    }

    /// <summary>Tiles of a group.</summary>
    public long Tiles => Group * Across;

    /// <summary>Pixels that the tiles of a sample cover.</summary>
    public (long H, long W) Covered => (Down * Side, Across * Side);

    /// <summary>Those that they meet.</summary>
    public (long H, long W) Met => (Covered.H + Reach - Side, Covered.W + Reach - Side);

    /// <summary>The sample that a row belongs to, and its place there.</summary>
    public (long Sample, long Row) Place(long row) => Math.DivRem(row, Down);

    private static long Count(long size) => (size + Side - 1) / Side;
}
