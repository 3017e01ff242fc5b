using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    unsafe void Store(float* to);
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
    public unsafe void Store(float* to) => values.Store(to);
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
    public unsafe void Store(float* to) => values.Store(to);
}
