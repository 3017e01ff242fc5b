using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Compress.Runtime.Operators;

/// <summary>As many floats side by side as a block of channels has: kernels over blocks are written once for both sizes.</summary>
internal interface ILanes<T> where T : struct, ILanes<T>
{
    static abstract int Count { get; }

    static abstract unsafe T Load(float* from);

    /// <summary>sum + factor · values.</summary>
    static abstract T Add(T sum, float factor, T values);

    static abstract T Add(T sum, T factors, T values);

    static abstract T Add(T a, T b);

    static abstract T Of(float value);

    static abstract T Subtract(T a, T b);

    static abstract T Multiply(T a, T b);

    /// <summary>To whole numbers, halves to the even one.</summary>
    static abstract T Round(T values);

    /// <summary>The bound comes first: what is no number stays so.</summary>
    static abstract T Clip(T values, T low, T high);

    /// <summary>Values where a lies below b, 0 elsewhere.</summary>
    static abstract T WhereBelow(T a, T b, T values);

    /// <summary>Whole numbers without so many of their last digits in base two.</summary>
    static abstract unsafe T Load(ushort* from, int without = 0);

    static abstract float Sum(T values);

    unsafe void Store(float* to);

    /// <summary>Cut to whole numbers, from 0 to 65,535.</summary>
    unsafe void Store(ushort* to);
}

internal readonly struct Lanes8(Vector256<float> values) : ILanes<Lanes8>
{
    private readonly Vector256<float> values = values;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Lanes8 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Add(Lanes8 sum, float factor, Lanes8 values) => new(Vector256.MultiplyAddEstimate(Vector256.Create(factor), values.values, sum.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Add(Lanes8 sum, Lanes8 factors, Lanes8 values) => new(Vector256.MultiplyAddEstimate(factors.values, values.values, sum.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Add(Lanes8 a, Lanes8 b) => new(a.values + b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Subtract(Lanes8 a, Lanes8 b) => new(a.values - b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Multiply(Lanes8 a, Lanes8 b) => new(a.values * b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Round(Lanes8 values) => new(Vector256.Round(values.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Clip(Lanes8 values, Lanes8 low, Lanes8 high) => new(Vector256.MinNative(high.values, Vector256.MaxNative(low.values, values.values)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WhereBelow(Lanes8 a, Lanes8 b, Lanes8 values) => new(Vector256.ConditionalSelect(Vector256.LessThan(a.values, b.values), values.values, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Lanes8 Load(ushort* from, int without = 0) => new(Vector256.ConvertToSingle(Wide(from) >> without));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes8 values) => Vector256.Sum(values.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(ushort* to)
    {
        var whole = Vector256.ConvertToInt32Native(values).AsUInt32();
        Vector128.Narrow(whole.GetLower(), whole.GetUpper()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<int> Wide(ushort* from)
    {
        var (lower, upper) = Vector128.Widen(Vector128.Load(from));
        return Vector256.Create(lower, upper).AsInt32();
    }
}

internal readonly struct Lanes16(Vector512<float> values) : ILanes<Lanes16>
{
    private readonly Vector512<float> values = values;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Lanes16 Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Add(Lanes16 sum, float factor, Lanes16 values) => new(Vector512.MultiplyAddEstimate(Vector512.Create(factor), values.values, sum.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Add(Lanes16 sum, Lanes16 factors, Lanes16 values) => new(Vector512.MultiplyAddEstimate(factors.values, values.values, sum.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Add(Lanes16 a, Lanes16 b) => new(a.values + b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Subtract(Lanes16 a, Lanes16 b) => new(a.values - b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Multiply(Lanes16 a, Lanes16 b) => new(a.values * b.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Round(Lanes16 values) => new(Vector512.Round(values.values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Clip(Lanes16 values, Lanes16 low, Lanes16 high) => new(Vector512.MinNative(high.values, Vector512.MaxNative(low.values, values.values)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WhereBelow(Lanes16 a, Lanes16 b, Lanes16 values) => new(Vector512.ConditionalSelect(Vector512.LessThan(a.values, b.values), values.values, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Lanes16 Load(ushort* from, int without = 0) => new(Vector512.ConvertToSingle(Wide(from) >> without));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 values) => Vector512.Sum(values.values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(ushort* to)
    {
        var whole = Vector512.ConvertToInt32Native(values).AsUInt32();
        if (Avx512F.IsSupported) Avx512F.ConvertToVector256UInt16(whole).Store(to);
        else Vector256.Narrow(whole.GetLower(), whole.GetUpper()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<int> Wide(ushort* from)
    {
        if (Avx512F.IsSupported) return Avx512F.ConvertToVector512Int32(Vector256.Load(from));
        var (lower, upper) = Vector256.Widen(Vector256.Load(from));
        return Vector512.Create(lower, upper).AsInt32();
    }
}
