using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>What a kernel keeps in memory of its own while it runs.</summary>
internal enum Piece
{
    /// <summary>What it reads, with pads and on its grid.</summary>
    Planes,

    /// <summary>The same of the other side.</summary>
    OtherPlanes,

    /// <summary>What <see cref="Winograd{T}"/> makes of the weights, or the sums that their gradient is made of.</summary>
    Kernel,

    /// <summary>What it makes of the input.</summary>
    Values,

    /// <summary>What the output is made of, or what it makes of the output's gradient.</summary>
    Results,

    /// <summary>A tile between one axis and the other.</summary>
    Between,

    /// <summary>A tile as it comes out.</summary>
    Tile,

    /// <summary>A vector of zeros.</summary>
    Zeros,
}

/// <summary>Memory that a thread uses again and again as long as it lives, for what lasts no longer than a run of a kernel: of a convolution of 512 channels with as many filters some 45 MB.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static float[]?[]? pieces;

    /// <summary>So many floats, with what the last run left in them. A kernel asks for a piece in one length, since a longer one is another.</summary>
    public static float* Of(Piece piece, long length)
    {
        ref var room = ref (pieces ??= new float[]?[Enum.GetValues<Piece>().Length])[(int)piece];
        var needed = checked((int)length + (Alignment / sizeof(float)));
        if (room is null || room.Length < needed) room = GC.AllocateUninitializedArray<float>(needed, pinned: true);
        return (float*)((Marshal.UnsafeAddrOfPinnedArrayElement(room, 0) + Alignment - 1) & -Alignment);
    }
}
