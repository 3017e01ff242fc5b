using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>Memory that a thread uses again and again, for what lasts no longer than a run of a kernel.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static float[]? room;

    /// <summary>So many floats, with what the last run left in them. A kernel has one such piece.</summary>
    public static float* Of(long length)
    {
        var needed = checked((int)length + (Alignment / sizeof(float)));
        if (room is null || room.Length < needed) room = GC.AllocateUninitializedArray<float>(needed, pinned: true);
        return (float*)((Marshal.UnsafeAddrOfPinnedArrayElement(room, 0) + Alignment - 1) & -Alignment);
    }
}
