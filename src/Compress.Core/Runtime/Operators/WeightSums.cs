using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>A rectangle of positions, and how far they lie apart.</summary>
/// <param name="Row">Floats from a row to the next.</param>
/// <param name="OtherRow">The same on the other side.</param>
internal readonly record struct BlockArea(long Rows, long Columns, long Row, long Position, long OtherRow, long OtherPosition)
{
    /// <summary>The same as a single row, where rows follow each other on both sides: loops over a few columns would begin again and again.</summary>
    public BlockArea Joined => Row == Columns * Position && OtherRow == Columns * OtherPosition ? this with { Rows = 1, Columns = Rows * Columns } : this;
}

/// <summary>
/// The inner loops of weight gradients over blocks of channels: sums of products of one side with a block of the other, over a rectangle of positions. Rows and positions lie
/// apart by so many floats.
/// </summary>
/// <typeparam name="T">A block, or half of one (<see cref="Many"/>).</typeparam>
internal static unsafe class WeightSums<T> where T : struct, ILanes<T>
{
    /// <summary>Sums that <see cref="Many"/> keeps at once, as many as keep two multipliers busy.</summary>
    public const int Together = 8;

    /// <summary>Up to eight numbers that lie side by side, channels or what a row of the kernel meets, each with a block.</summary>
    /// <param name="sums">A block for each, <paramref name="apart"/> floats from one to the next.</param>
    public static void Many(long count, float* x, float* g, BlockArea area, float* sums, long apart)
    {
        switch (count)
        {
            case 1: One(x, g, area, sums); break;
            case 2: Many<Two>(x, g, area, sums, apart); break;
            case 3: Many<Three>(x, g, area, sums, apart); break;
            case 4: Many<Four>(x, g, area, sums, apart); break;
            case 5: Many<Five>(x, g, area, sums, apart); break;
            case 6: Many<Six>(x, g, area, sums, apart); break;
            case 7: Many<Seven>(x, g, area, sums, apart); break;
            default: Many<Eight>(x, g, area, sums, apart); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Many<TTile>(float* x, float* g, BlockArea area, float* sums, long apart) where TTile : struct, ITile
    {
        T s0 = T.Load(sums), s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        if (TTile.Count > 1) s1 = T.Load(sums + apart);
        if (TTile.Count > 2) s2 = T.Load(sums + (2 * apart));
        if (TTile.Count > 3) s3 = T.Load(sums + (3 * apart));
        if (TTile.Count > 4) s4 = T.Load(sums + (4 * apart));
        if (TTile.Count > 5) s5 = T.Load(sums + (5 * apart));
        if (TTile.Count > 6) s6 = T.Load(sums + (6 * apart));
        if (TTile.Count > 7) s7 = T.Load(sums + (7 * apart));
        for (var row = 0L; row < area.Rows; row++)
        {
            float* own = x + (row * area.Row), other = g + (row * area.OtherRow);
            for (var i = 0L; i < area.Columns; i++, own += area.Position, other += area.OtherPosition)
            {
                var block = T.Load(other);
                s0 = T.Add(s0, own[0], block);
                if (TTile.Count > 1) s1 = T.Add(s1, own[1], block);
                if (TTile.Count > 2) s2 = T.Add(s2, own[2], block);
                if (TTile.Count > 3) s3 = T.Add(s3, own[3], block);
                if (TTile.Count > 4) s4 = T.Add(s4, own[4], block);
                if (TTile.Count > 5) s5 = T.Add(s5, own[5], block);
                if (TTile.Count > 6) s6 = T.Add(s6, own[6], block);
                if (TTile.Count > 7) s7 = T.Add(s7, own[7], block);
            }
        }
        s0.Store(sums);
        if (TTile.Count > 1) s1.Store(sums + apart);
        if (TTile.Count > 2) s2.Store(sums + (2 * apart));
        if (TTile.Count > 3) s3.Store(sums + (3 * apart));
        if (TTile.Count > 4) s4.Store(sums + (4 * apart));
        if (TTile.Count > 5) s5.Store(sums + (5 * apart));
        if (TTile.Count > 6) s6.Store(sums + (6 * apart));
        if (TTile.Count > 7) s7.Store(sums + (7 * apart));
    }

    /// <summary>A single channel with a block.</summary>
    public static void One(float* x, float* g, BlockArea area, float* sums) => Few<Single>(x, g, area, sums);

    /// <summary>A block of channels, each with its own.</summary>
    public static void Each(float* x, float* g, BlockArea area, float* sums) => Few<Whole>(x, g, area, sums);

    /// <summary>A block of channels, each with its own, for the nine offsets of a kernel three wide and high.</summary>
    /// <param name="x">What the first offset meets.</param>
    /// <param name="offset">Floats from an offset to the one below, and to the one beside it.</param>
    /// <param name="sums">Nine blocks, one behind the other.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Nine(float* x, (long Below, long Beside) offset, float* g, BlockArea area, float* sums)
    {
        T s0 = T.Load(sums), s1 = T.Load(sums + T.Count), s2 = T.Load(sums + (2 * T.Count));
        T s3 = T.Load(sums + (3 * T.Count)), s4 = T.Load(sums + (4 * T.Count)), s5 = T.Load(sums + (5 * T.Count));
        T s6 = T.Load(sums + (6 * T.Count)), s7 = T.Load(sums + (7 * T.Count)), s8 = T.Load(sums + (8 * T.Count));
        var (beside, last, step) = (offset.Beside, 2 * offset.Beside, area.Position);
        for (var row = 0L; row < area.Rows; row++)
        {
            float* top = x + (row * area.Row), middle = top + offset.Below, bottom = middle + offset.Below, other = g + (row * area.OtherRow);
            for (var i = 0L; i < area.Columns; i++, top += step, middle += step, bottom += step, other += area.OtherPosition)
            {
                var block = T.Load(other); // what comes from memory is the last factor: it needs no register
                s0 = T.Add(s0, block, T.Load(top));
                s1 = T.Add(s1, block, T.Load(top + beside));
                s2 = T.Add(s2, block, T.Load(top + last));
                s3 = T.Add(s3, block, T.Load(middle));
                s4 = T.Add(s4, block, T.Load(middle + beside));
                s5 = T.Add(s5, block, T.Load(middle + last));
                s6 = T.Add(s6, block, T.Load(bottom));
                s7 = T.Add(s7, block, T.Load(bottom + beside));
                s8 = T.Add(s8, block, T.Load(bottom + last));
            }
        }
        s0.Store(sums);
        s1.Store(sums + T.Count);
        s2.Store(sums + (2 * T.Count));
        s3.Store(sums + (3 * T.Count));
        s4.Store(sums + (4 * T.Count));
        s5.Store(sums + (5 * T.Count));
        s6.Store(sums + (6 * T.Count));
        s7.Store(sums + (7 * T.Count));
        s8.Store(sums + (8 * T.Count));
    }

    /// <summary>Four sums in turn: each waits for the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Few<TSide>(float* x, float* g, BlockArea area, float* sums) where TSide : struct, ISide
    {
        T s0 = T.Load(sums), s1 = default, s2 = default, s3 = default;
        var (step, otherStep) = (area.Position, area.OtherPosition);
        for (var row = 0L; row < area.Rows; row++)
        {
            float* own = x + (row * area.Row), other = g + (row * area.OtherRow);
            var i = 0L;
            for (; i + 4 <= area.Columns; i += 4, own += 4 * step, other += 4 * otherStep)
            {
                s0 = TSide.Add(s0, own, T.Load(other));
                s1 = TSide.Add(s1, own + step, T.Load(other + otherStep));
                s2 = TSide.Add(s2, own + (2 * step), T.Load(other + (2 * otherStep)));
                s3 = TSide.Add(s3, own + (3 * step), T.Load(other + (3 * otherStep)));
            }
            for (; i < area.Columns; i++, own += step, other += otherStep) s0 = TSide.Add(s0, own, T.Load(other));
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
