using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>A linear map of a few vectors, along one axis of a tile.</summary>
internal unsafe interface ITileTransform
{
    static abstract int From { get; }

    static abstract int To { get; }

    /// <param name="step">Floats from one vector to the next.</param>
    static abstract void Go(float* from, long step, float* to, long toStep);
}

/// <summary>
/// Minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray, arXiv 1509.09308): a tile of 4 × 4 results of a kernel of 3 × 3 takes 36 multiplications instead of 144, between what
/// <see cref="Data"/> makes of 6 × 6 values and <see cref="Kernel"/> of the weights; <see cref="Result"/> makes the results of it. The gradient of the weights goes the same way
/// back: <see cref="Data"/>, <see cref="Spread"/> of the results' gradient, and <see cref="Gathered"/> of the sums.
/// </summary>
/// <typeparam name="T">A block of channels.</typeparam>
internal static unsafe class Winograd<T> where T : struct, ILanes<T>
{
    /// <summary>Room for what <see cref="Both"/> makes in between.</summary>
    public static float* Room() => Scratch.Of(Piece.Between, Tiling.Products * T.Count);

    /// <summary>Along both axes.</summary>
    /// <param name="below">Floats from a vector to the one below.</param>
    /// <param name="beside">To the one beside it.</param>
    /// <param name="room">See <see cref="Room"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Both<TTransform>(float* from, long below, long beside, float* to, long toBelow, long toBeside, float* room) where TTransform : struct, ITileTransform
    {
        for (var i = 0L; i < TTransform.From; i++) TTransform.Go(from + (i * beside), below, room + (i * T.Count), TTransform.From * T.Count);
        for (var i = 0L; i < TTransform.To; i++) TTransform.Go(room + (i * TTransform.From * T.Count), T.Count, to + (i * toBelow), toBeside);
    }

    /// <summary>Bᵀ: what a tile of the results meets.</summary>
    public readonly struct Data : ITileTransform
    {
        public static int From => 6;

        public static int To => 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Go(float* from, long step, float* to, long toStep)
        {
            T d0 = T.Load(from), d1 = T.Load(from + step), d2 = T.Load(from + (2 * step)), d3 = T.Load(from + (3 * step)), d4 = T.Load(from + (4 * step)), d5 = T.Load(from + (5 * step));
            T even = T.Add(d4, -4, d2), odd = T.Add(d3, -4, d1), far = T.Subtract(d4, d2), near = T.Subtract(d3, d1);
            T.Add(T.Add(d4, -5, d2), 4, d0).Store(to);
            T.Add(even, odd).Store(to + toStep);
            T.Subtract(even, odd).Store(to + (2 * toStep));
            T.Add(far, 2, near).Store(to + (3 * toStep));
            T.Add(far, -2, near).Store(to + (4 * toStep));
            T.Add(T.Add(d5, -5, d3), 4, d1).Store(to + (5 * toStep));
        }
    }

    /// <summary>G: of a row of the kernel.</summary>
    public readonly struct Kernel : ITileTransform
    {
        public static int From => 3;

        public static int To => 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Go(float* from, long step, float* to, long toStep)
        {
            T w0 = T.Load(from), w1 = T.Load(from + step), w2 = T.Load(from + (2 * step));
            T outer = T.Add(w0, w2), far = T.Add(w0, 4, w2);
            T.Multiply(T.Of(1f / 4), w0).Store(to);
            T.Multiply(T.Of(-1f / 6), T.Add(outer, w1)).Store(to + toStep);
            T.Multiply(T.Of(-1f / 6), T.Subtract(outer, w1)).Store(to + (2 * toStep));
            T.Multiply(T.Of(1f / 24), T.Add(far, 2, w1)).Store(to + (3 * toStep));
            T.Multiply(T.Of(1f / 24), T.Add(far, -2, w1)).Store(to + (4 * toStep));
            w2.Store(to + (5 * toStep));
        }
    }

    /// <summary>Aᵀ: the results of a tile.</summary>
    public readonly struct Result : ITileTransform
    {
        public static int From => 6;

        public static int To => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Go(float* from, long step, float* to, long toStep)
        {
            T m1 = T.Load(from + step), m2 = T.Load(from + (2 * step)), m3 = T.Load(from + (3 * step)), m4 = T.Load(from + (4 * step));
            T even = T.Add(m1, m2), odd = T.Subtract(m1, m2), far = T.Add(m3, m4), near = T.Subtract(m3, m4);
            T.Add(T.Load(from), T.Add(even, far)).Store(to);
            T.Add(odd, 2, near).Store(to + toStep);
            T.Add(even, 4, far).Store(to + (2 * toStep));
            T.Add(T.Load(from + (5 * step)), T.Add(odd, 8, near)).Store(to + (3 * toStep));
        }
    }

    /// <summary>A: of the gradient of a tile's results.</summary>
    public readonly struct Spread : ITileTransform
    {
        public static int From => 4;

        public static int To => 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Go(float* from, long step, float* to, long toStep)
        {
            T g0 = T.Load(from), g1 = T.Load(from + step), g2 = T.Load(from + (2 * step)), g3 = T.Load(from + (3 * step));
            T even = T.Add(g0, g2), odd = T.Add(g1, g3), far = T.Add(g0, 4, g2), near = T.Add(g1, 4, g3);
            g0.Store(to);
            T.Add(even, odd).Store(to + toStep);
            T.Subtract(even, odd).Store(to + (2 * toStep));
            T.Add(far, 2, near).Store(to + (3 * toStep));
            T.Add(far, -2, near).Store(to + (4 * toStep));
            g3.Store(to + (5 * toStep));
        }
    }

    /// <summary>Gᵀ: the gradient of the kernel.</summary>
    public readonly struct Gathered : ITileTransform
    {
        public static int From => 6;

        public static int To => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Go(float* from, long step, float* to, long toStep)
        {
            T s1 = T.Load(from + step), s2 = T.Load(from + (2 * step)), s3 = T.Load(from + (3 * step)), s4 = T.Load(from + (4 * step));
            T even = T.Multiply(T.Of(-1f / 6), T.Add(s1, s2)), far = T.Add(s3, s4);
            T.Add(T.Add(even, 1f / 24, far), 1f / 4, T.Load(from)).Store(to);
            T.Add(T.Multiply(T.Of(1f / 6), T.Subtract(s2, s1)), 1f / 12, T.Subtract(s3, s4)).Store(to + toStep);
            T.Add(T.Add(even, 1f / 6, far), T.Load(from + (5 * step))).Store(to + (2 * toStep));
        }
    }
}
