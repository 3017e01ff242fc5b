namespace Compress.Runtime.Operators;

/// <summary>A grid that a kernel puts on the values that it reads (<see cref="GridKernels"/>): they need not be written down on it. The default: none.</summary>
internal readonly ref struct GridOnLoad(float step, ReadOnlySpan<float> bounds)
{
    private readonly float step = step;
    private readonly ReadOnlySpan<float> bounds = bounds;

    public bool IsThere => !bounds.IsEmpty;

    public void Put(ReadOnlySpan<float> from, Span<float> to)
    {
        if (IsThere) GridKernels.Quantize(from, step, bounds, to);
        else from.CopyTo(to);
    }
}
