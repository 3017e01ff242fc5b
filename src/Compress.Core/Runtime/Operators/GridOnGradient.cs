namespace Compress.Runtime.Operators;

/// <summary>A grid that the gradients which a kernel makes pass on their way out, sample by sample. The default: none.</summary>
/// <param name="x">The values that the grid was put on.</param>
internal readonly ref struct GridOnGradient(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds)
{
    private readonly ReadOnlySpan<float> x = x, bounds = bounds;
    private readonly float step = step;

    /// <param name="sample">∂L/∂y becomes ∂L/∂x.</param>
    /// <param name="first">Its place in the values.</param>
    /// <returns>∂L/∂step.</returns>
    public double Pass(Span<float> sample, int first) => bounds.IsEmpty ? 0 : GridKernels.Gradient(x.Slice(first, sample.Length), step, bounds, sample, sample);
}
