using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>A rectangle of positions, and how far they lie apart.</summary>
/// <param name="Row">Floats from a row to the next.</param>
/// <param name="OtherRow">The same on the other side, where positions lie next to each other.</param>
internal readonly record struct BlockArea(long Rows, long Columns, long Row, long Position, long OtherRow);

/// <summary>
/// The inner loops of weight gradients over blocks of channels: sums of products of one side with a block of the other, over a rectangle of positions. Rows and positions lie
/// apart by so many floats; a block of the other side lies next to the one before.
/// </summary>
internal static unsafe class WeightSums<T> where T : struct, ILanes<T>
{
    /// <summary>Channels that <see cref="Many"/> takes at once: as many sums as keep two multipliers busy.</summary>
    public const int Together = 8;

    /// <summary>Eight channels that lie side by side, each with a block.</summary>
    /// <param name="sums">Eight blocks, <paramref name="apart"/> floats from one to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Many(float* x, float* g, BlockArea area, float* sums, long apart)
    {
        var (s0, s1, s2, s3) = (T.Load(sums), T.Load(sums + apart), T.Load(sums + (2 * apart)), T.Load(sums + (3 * apart)));
        var (s4, s5, s6, s7) = (T.Load(sums + (4 * apart)), T.Load(sums + (5 * apart)), T.Load(sums + (6 * apart)), T.Load(sums + (7 * apart)));
        for (var row = 0; row < area.Rows; row++)
        {
            float* own = x + (row * area.Row), other = g + (row * area.OtherRow);
            for (var i = 0; i < area.Columns; i++)
            {
                var block = T.Load(other);
                s0 = T.Add(s0, own[0], block);
                s1 = T.Add(s1, own[1], block);
                s2 = T.Add(s2, own[2], block);
                s3 = T.Add(s3, own[3], block);
                s4 = T.Add(s4, own[4], block);
                s5 = T.Add(s5, own[5], block);
                s6 = T.Add(s6, own[6], block);
                s7 = T.Add(s7, own[7], block);
                own += area.Position;
                other += T.Count;
            }
        }
        s0.Store(sums);
        s1.Store(sums + apart);
        s2.Store(sums + (2 * apart));
        s3.Store(sums + (3 * apart));
        s4.Store(sums + (4 * apart));
        s5.Store(sums + (5 * apart));
        s6.Store(sums + (6 * apart));
        s7.Store(sums + (7 * apart));
    }

    /// <summary>A single channel with a block.</summary>
    public static void One(float* x, float* g, BlockArea area, float* sums) => Few<Single>(x, g, area, sums);

    /// <summary>A block of channels, each with its own.</summary>
    public static void Each(float* x, float* g, BlockArea area, float* sums) => Few<Whole>(x, g, area, sums);

    /// <summary>Four sums in turn: each waits for the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Few<TSide>(float* x, float* g, BlockArea area, float* sums) where TSide : struct, ISide
    {
        T s0 = T.Load(sums), s1 = default, s2 = default, s3 = default;
        var step = area.Position;
        for (var row = 0L; row < area.Rows; row++)
        {
            float* own = x + (row * area.Row), other = g + (row * area.OtherRow);
            var i = 0L;
            for (; i + 4 <= area.Columns; i += 4, own += 4 * step, other += 4 * T.Count)
            {
                s0 = TSide.Add(s0, own, T.Load(other));
                s1 = TSide.Add(s1, own + step, T.Load(other + T.Count));
                s2 = TSide.Add(s2, own + (2 * step), T.Load(other + (2 * T.Count)));
                s3 = TSide.Add(s3, own + (3 * step), T.Load(other + (3 * T.Count)));
            }
            for (; i < area.Columns; i++, own += step, other += T.Count) s0 = TSide.Add(s0, own, T.Load(other));
        }
        T.Add(T.Add(s0, s1), T.Add(s2, s3)).Store(sums);
    }

    /// <summary>A block by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Alone(float* g, long positions, float* sums)
    {
        T even = T.Load(sums), odd = default;
        var i = 0L;
        for (; i + 2 <= positions; i += 2, g += 2 * T.Count)
        {
            even = T.Add(even, T.Load(g));
            odd = T.Add(odd, T.Load(g + T.Count));
        }
        if (i < positions) even = T.Add(even, T.Load(g));
        T.Add(even, odd).Store(sums);
    }

    /// <summary>What of the input meets a block of the other side.</summary>
    private interface ISide
    {
        static abstract T Add(T sum, float* own, T block);
    }

    private readonly struct Single : ISide
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Add(T sum, float* own, T block) => T.Add(sum, *own, block);
    }

    private readonly struct Whole : ISide
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Add(T sum, float* own, T block) => T.Add(sum, T.Load(own), block);
    }
}
