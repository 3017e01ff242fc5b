using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Compress.Runtime.Operators;

/// <summary>
/// A grid whose step is learned (LSQ, arXiv 1902.08153), behind a function that stops values, in one pass: with c = clip(x, from, to) and k = clip(round(c / s), low, high), y = k·s.
/// Halves round to the even neighbour, as in QuantizeLinear. Bounds are low, high, from and to, infinite where there is none.
/// </summary>
internal static unsafe class GridKernels
{
    /// <summary>How many vectors are added up in float before their sum goes to a double.</summary>
    private const int Run = 256;

    public static void Quantize(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, Span<float> y)
    {
        if (Vector512.IsHardwareAccelerated) Quantize<Lanes16>(x, step, bounds, y);
        else Quantize<Lanes8>(x, step, bounds, y);
    }

    /// <summary>
    /// What passes the grid is ĝ = g where it left the code alone; ∂L/∂x is ĝ where from &lt; x &lt; to. (A Clip of its own lets the gradient of a value right on a bound pass: at a
    /// kink either side may count, and that of Relu does here.)
    /// </summary>
    /// <param name="g">∂L/∂y.</param>
    /// <param name="passed">∂L/∂x, to be filled; g itself may be.</param>
    /// <returns>∂L/∂s = (Σ g·y − Σ ĝ·c) / s.</returns>
    public static double Gradient(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, ReadOnlySpan<float> g, Span<float> passed) =>
        (Vector512.IsHardwareAccelerated ? Gradient<Lanes16>(x, step, bounds, g, passed) : Gradient<Lanes8>(x, step, bounds, g, passed)) / step;

    private static void Quantize<T>(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, Span<float> y) where T : struct, ILanes<T>
    {
        var whole = y.Length - (y.Length % T.Count);
        fixed (float* from = x, to = y) Put<T>(from, whole, step, bounds, to);
        if (whole == y.Length) return;
        var rest = stackalloc float[T.Count];
        x[whole..].CopyTo(new Span<float>(rest, T.Count));
        Put<T>(rest, T.Count, step, bounds, rest);
        new Span<float>(rest, y.Length - whole).CopyTo(y[whole..]);
    }

    private static double Gradient<T>(ReadOnlySpan<float> x, float step, ReadOnlySpan<float> bounds, ReadOnlySpan<float> g, Span<float> passed) where T : struct, ILanes<T>
    {
        var whole = passed.Length - (passed.Length % T.Count);
        double total = 0;
        fixed (float* values = x, gradients = g, results = passed)
            for (var start = 0; start < whole; start += Run * T.Count) total += Pass<T>(values + start, gradients + start, Math.Min(Run * T.Count, whole - start), step, bounds, results + start);
        if (whole == passed.Length) return total;
        float* value = stackalloc float[T.Count], gradient = stackalloc float[T.Count]; // zeros behind them add nothing
        x[whole..].CopyTo(new Span<float>(value, T.Count));
        g[whole..].CopyTo(new Span<float>(gradient, T.Count));
        total += Pass<T>(value, gradient, T.Count, step, bounds, gradient);
        new Span<float>(gradient, passed.Length - whole).CopyTo(passed[whole..]);
        return total;
    }

    // No memory on the stack in these two: it would keep their variables from being registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Put<T>(float* from, int count, float step, ReadOnlySpan<float> bounds, float* to) where T : struct, ILanes<T>
    {
        T unit = T.Of(step), low = T.Of(bounds[0]), high = T.Of(bounds[1]), least = T.Of(bounds[2]), most = T.Of(bounds[3]);
        for (var i = 0; i < count; i += T.Count) T.Multiply(T.Clip(T.Round(T.Divide(T.Clip(T.Load(from + i), least, most), unit)), low, high), unit).Store(to + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Pass<T>(float* x, float* g, int count, float step, ReadOnlySpan<float> bounds, float* passed) where T : struct, ILanes<T>
    {
        T unit = T.Of(step), low = T.Of(bounds[0]), high = T.Of(bounds[1]), least = T.Of(bounds[2]), most = T.Of(bounds[3]), sum = default;
        for (var i = 0; i < count; i += T.Count)
        {
            T value = T.Load(x + i), gradient = T.Load(g + i);
            var clipped = T.Clip(value, least, most);
            var rounded = T.Round(T.Divide(clipped, unit));
            var code = T.Clip(rounded, low, high);
            sum = T.Add(sum, gradient, T.Subtract(T.Multiply(code, unit), T.WhereEqual(code, rounded, clipped)));
            T.WhereBetween(value, least, most, T.WhereEqual(code, rounded, gradient)).Store(passed + i);
        }
        return T.Sum(sum);
    }
}
