using Compress.Runtime.Operators;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Planes for kernels to read, from arrays.</summary>
internal static unsafe class Read
{
    private static readonly Grid Grid = new(0.11f, -7, 8, -0.5f, 0.9f);

    public static void Numbers(float[] values, Action<PlaneSource> read)
    {
        fixed (float* first = values) read(new(first));
    }

    /// <summary>Numbers on a grid, and their places there.</summary>
    public static (float[] Numbers, ushort[] Places) OnGrid(float[] values)
    {
        var (numbers, places) = (new float[values.Length], new ushort[values.Length]);
        GridKernels.Quantize(values, Grid, numbers, places);
        return (numbers, places);
    }

    public static void Places(ushort[] places, Action<PlaneSource> read)
    {
        fixed (ushort* first = places) read(new(null, first, Grid));
    }
}
