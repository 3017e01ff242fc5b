using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Compress.Runtime.Operators;

/// <summary>Values on a <see cref="Grid"/>, and the way back from there, in one pass each.</summary>
internal static unsafe class GridKernels
{
    /// <summary>How many vectors are added up in float before their sum goes to a double.</summary>
    private const int Run = 256;

    /// <param name="y">x itself may be.</param>
    /// <param name="places">Empty: nobody asks for them.</param>
    public static void Quantize(ReadOnlySpan<float> x, Grid grid, Span<float> y, Span<ushort> places)
    {
        if (Vector512.IsHardwareAccelerated) Quantize<Lanes16>(x, grid, y, places);
        else Quantize<Lanes8>(x, grid, y, places);
    }

    /// <summary>The values again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read<T>(ushort* places, long count, Grid grid, float* to) where T : struct, ILanes<T>
    {
        var (digits, low, unit, i) = (grid.Digits, T.Of(grid.Low), T.Of(grid.Step), 0L);
        for (; i + T.Count <= count; i += T.Count) T.Multiply(T.Add(T.Load(places + i, digits), low), unit).Store(to + i);
        for (; i < count; i++) to[i] = ((places[i] >> digits) + grid.Low) * grid.Step;
    }

    /// <summary>∂L/∂x is ∂L/∂y between the ends, 0 elsewhere. (A Clip of its own lets the gradient of a value right on a bound pass: at a kink either side may count, and that of Relu does here.)</summary>
    /// <param name="g">∂L/∂y.</param>
    /// <param name="passed">∂L/∂x, to be filled; g itself may be.</param>
    /// <returns>∂L/∂Step = Σ g·(k − t) between the ends, and beyond them what <see cref="Grid.Slopes"/> says.</returns>
    public static double Gradient(ReadOnlySpan<ushort> places, Grid grid, ReadOnlySpan<float> g, Span<float> passed) => Gradient(places, grid, (true, true), g, passed);

    /// <summary>The same for a step that stays: rounding is passed straight through wherever x lies, and only the function stops gradients.</summary>
    public static void FunctionGradient(ReadOnlySpan<ushort> places, Grid grid, ReadOnlySpan<float> g, Span<float> passed) => Gradient(places, grid, grid.IsStopped, g, passed);

    private static void Quantize<T>(ReadOnlySpan<float> x, Grid grid, Span<float> y, Span<ushort> places) where T : struct, ILanes<T>
    {
        var whole = y.Length - (y.Length % T.Count);
        fixed (float* from = x, to = y)
        fixed (ushort* kept = places) Put<T>(from, whole, grid, to, kept);
        if (whole == y.Length) return;
        var rest = stackalloc float[T.Count];
        var own = stackalloc ushort[T.Count];
        new Span<float>(rest, T.Count).Clear();
        x[whole..].CopyTo(new Span<float>(rest, T.Count));
        Put<T>(rest, T.Count, grid, rest, own);
        new Span<float>(rest, y.Length - whole).CopyTo(y[whole..]);
        if (!places.IsEmpty) new Span<ushort>(own, y.Length - whole).CopyTo(places[whole..]);
    }

    private static double Gradient(ReadOnlySpan<ushort> places, Grid grid, (bool Least, bool Most) stops, ReadOnlySpan<float> g, Span<float> passed) =>
        Vector512.IsHardwareAccelerated ? Gradient<Lanes16>(places, grid, stops, g, passed) : Gradient<Lanes8>(places, grid, stops, g, passed);

    /// <param name="stops">Whether gradients stop at either end.</param>
    private static double Gradient<T>(ReadOnlySpan<ushort> places, Grid grid, (bool Least, bool Most) stops, ReadOnlySpan<float> g, Span<float> passed) where T : struct, ILanes<T>
    {
        if (g.Length != places.Length) throw new ArgumentException("as many gradients as places", nameof(g));
        var ends = (stops.Least ? Place<T>(grid, float.NegativeInfinity) : -1, stops.Most ? Place<T>(grid, float.PositiveInfinity) : float.PositiveInfinity);
        var (slopes, whole) = (grid.Slopes, passed.Length - (passed.Length % T.Count));
        double total = 0;
        fixed (ushort* kept = places)
        fixed (float* gradients = g, results = passed)
            for (var start = 0; start < whole; start += Run * T.Count) total += Pass<T>(kept + start, gradients + start, Math.Min(Run * T.Count, whole - start), grid, ends, slopes, results + start);
        if (whole == passed.Length) return total;
        var place = stackalloc ushort[T.Count];
        var gradient = stackalloc float[T.Count]; // zeros behind them add nothing
        new Span<float>(gradient, T.Count).Clear();
        places[whole..].CopyTo(new Span<ushort>(place, T.Count));
        g[whole..].CopyTo(new Span<float>(gradient, T.Count));
        total += Pass<T>(place, gradient, T.Count, grid, ends, slopes, gradient);
        new Span<float>(gradient, passed.Length - whole).CopyTo(passed[whole..]);
        return total;
    }

    /// <summary>Where a number lies, to the last bit as <see cref="Put"/> says it.</summary>
    private static float Place<T>(Grid grid, float x) where T : struct, ILanes<T>
    {
        var value = stackalloc float[T.Count];
        var place = stackalloc ushort[T.Count];
        T.Of(x).Store(value);
        Put<T>(value, T.Count, grid, value, place);
        return place[0];
    }

    // No memory on the stack in these two: it would keep their variables from being registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Put<T>(float* from, int count, Grid grid, float* to, ushort* places) where T : struct, ILanes<T>
    {
        // All calls come before the first vector: those that live across a call stay in memory.
        var (parts, ends, between) = (grid.Parts, grid.Ends, grid.Between);
        var offset = ((0.5f - grid.Low) * parts) + grid.Shift;
        T unit = T.Of(grid.Step), inverse = T.Of(grid.Inverse), least = T.Of(ends.Least), most = T.Of(ends.Most), first = T.Of(offset), whole = T.Of(parts), part = T.Of(between);
        for (var i = 0; i < count; i += T.Count)
        {
            var exact = T.Clip(T.Multiply(T.Load(from + i), inverse), least, most);
            var code = T.Round(exact);
            T.Multiply(code, unit).Store(to + i);
            if (places != null) T.Add(T.Add(first, whole, code), part, T.Subtract(exact, code)).Store(places + i);
        }
    }

    /// <returns>∂L/∂Step.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Pass<T>(ushort* places, float* g, int count, Grid grid, (float Least, float Most) ends, (float Least, float Most) slopes, float* passed) where T : struct, ILanes<T>
    {
        var parts = grid.Parts;
        T least = T.Of(ends.Least), most = T.Of(ends.Most), part = T.Of(1 / parts), first = T.Of((0.5f / parts) - 0.5f), all = default, below = default, between = default, rests = default;
        for (var i = 0; i < count; i += T.Count)
        {
            T place = T.Load(places + i), gradient = T.Load(g + i);
            T inner = T.WhereBelow(place, most, gradient), own = T.WhereBelow(least, place, inner);
            own.Store(passed + i);
            var exact = T.Add(first, part, place); // but for k - Low
            (all, below, between) = (T.Add(all, gradient), T.Add(below, inner), T.Add(between, own));
            rests = T.Add(rests, own, T.Subtract(exact, T.Round(exact)));
        }
        double stopped = T.Sum(below), passing = T.Sum(between);
        return (slopes.Least * (stopped - passing)) + (slopes.Most * (T.Sum(all) - stopped)) - (((parts * T.Sum(rests)) - (grid.Shift * passing)) / grid.Between);
    }
}
