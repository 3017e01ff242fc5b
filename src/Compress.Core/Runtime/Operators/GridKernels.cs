using System.Numerics;
using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// A grid whose step is learned (LSQ, arXiv 1902.08153), behind a function that stops values, in one pass: with c = clip(x, from, to) and k = clip(round(c / s), low, high), y = k·s.
/// Halves round to the even neighbour, as in QuantizeLinear. Bounds are low, high, from and to, infinite where there is none.
/// </summary>
internal static class GridKernels
{
    /// <summary>How many vectors are added up in float before their sum goes to a double.</summary>
    private const int Run = 256;

    public static void Quantize(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, Span<float> y)
    {
        var grid = new Grid(step, bounds);
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(x);
        var to = MemoryMarshal.Cast<float, Vector<float>>(y);
        for (var i = 0; i < to.Length; i++) to[i] = grid.Code(grid.Clip(from[i]), out _) * grid.Step;
        for (var i = to.Length * Vector<float>.Count; i < y.Length; i++) y[i] = (grid.Code(grid.Clip(new(x[i])), out _) * grid.Step)[0];
    }

    /// <summary>
    /// What passes the grid is ĝ = g where it left the code alone; ∂L/∂x is ĝ where from &lt; x &lt; to. (A Clip of its own lets the gradient of a value right on a bound pass: at a
    /// kink either side may count, and that of Relu does here.)
    /// </summary>
    /// <param name="g">∂L/∂y.</param>
    /// <param name="passed">∂L/∂x, to be filled.</param>
    /// <returns>∂L/∂s = (Σ g·y − Σ ĝ·c) / s.</returns>
    public static float Gradient(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, ReadOnlySpan<float> g, Span<float> passed)
    {
        var grid = new Grid(step, bounds);
        var values = MemoryMarshal.Cast<float, Vector<float>>(x);
        var gradients = MemoryMarshal.Cast<float, Vector<float>>(g);
        var results = MemoryMarshal.Cast<float, Vector<float>>(passed);
        double total = 0;
        for (var start = 0; start < results.Length; start += Run)
        {
            var sum = Vector<float>.Zero;
            for (var i = start; i < Math.Min(start + Run, results.Length); i++) results[i] = grid.Gradient(values[i], gradients[i], ref sum);
            total += Vector.Sum(sum);
        }
        for (var i = results.Length * Vector<float>.Count; i < passed.Length; i++)
        {
            var sum = Vector<float>.Zero;
            passed[i] = grid.Gradient(new(x[i]), new(g[i]), ref sum)[0];
            total += sum[0];
        }
        return (float)(total / step);
    }

    private readonly struct Grid(float step, ReadOnlySpan<float> bounds)
    {
        public readonly Vector<float> Step = new(step);
        private readonly Vector<float> low = new(bounds[0]), high = new(bounds[1]), from = new(bounds[2]), to = new(bounds[3]);

        /// <summary>The bound comes first: what is no number stays so.</summary>
        public Vector<float> Clip(Vector<float> x) => Vector.MinNative(to, Vector.MaxNative(from, x));

        public Vector<float> Code(Vector<float> clipped, out Vector<float> rounded)
        {
            rounded = Vector.Round(clipped / Step);
            return Vector.MinNative(high, Vector.MaxNative(low, rounded));
        }

        public Vector<float> Gradient(Vector<float> x, Vector<float> g, ref Vector<float> sum)
        {
            var clipped = Clip(x);
            var code = Code(clipped, out var rounded);
            var inside = Vector.Equals(code, rounded).As<int, float>();
            sum = Vector.MultiplyAddEstimate(g, (code * Step) - Vector.BitwiseAnd(inside, clipped), sum);
            var moves = Vector.BitwiseAnd(Vector.GreaterThan(x, from), Vector.LessThan(x, to)).As<int, float>();
            return Vector.BitwiseAnd(Vector.BitwiseAnd(inside, moves), g);
        }
    }
}
