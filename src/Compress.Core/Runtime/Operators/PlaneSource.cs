namespace Compress.Runtime.Operators;

/// <summary>Where a kernel reads planes from: numbers, or places on a grid, which it reads as the values there.</summary>
internal readonly unsafe struct PlaneSource(float* values, ushort* places = null, Grid grid = default)
{
    public bool IsOnGrid => places is not null;

    /// <summary>The numbers from one on.</summary>
    public float* At(long first) => values + first;

    public void Put<T>(long first, long count, float* to) where T : struct, ILanes<T>
    {
        if (IsOnGrid) GridKernels.Read<T>(places + first, count, grid, to);
        else new Span<float>(values + first, checked((int)count)).CopyTo(new Span<float>(to, checked((int)count)));
    }
}
