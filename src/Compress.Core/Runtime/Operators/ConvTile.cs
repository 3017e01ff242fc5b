using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>The inner loops of convolutions over blocks of channels: some positions of a block of filters, each in a register until all channels and offsets are added up.</summary>
internal static unsafe class ConvTile<T> where T : struct, ILanes<T>
{
    /// <summary>Positions at most.</summary>
    private const int Most = 8;

    /// <summary>Positions of a row, in tiles that are as alike as they can be.</summary>
    /// <param name="x">What the first position meets at the first offset.</param>
    /// <param name="w">[C/b, h, w, b of C, b of M].</param>
    /// <param name="start">What the first position begins with.</param>
    /// <param name="startStep">Floats from there to what the next one begins with.</param>
    /// <param name="y">The first position.</param>
    /// <param name="step">Floats from there to the next.</param>
    public static void Run(long positions, float* x, ConvStride stride, KernelPart part, float* w, float* start, long startStep, float* y, long step)
    {
        var tiles = (positions + Most - 1) / Most;
        for (long tile = 0, first = 0; tile < tiles; tile++)
        {
            var end = (tile + 1) * positions / tiles;
            float* from = x + (first * stride.Position), begin = start + (first * startStep), to = y + (first * step);
            switch (end - first)
            {
                case 1: Run<One>(from, stride, part, w, begin, startStep, to, step); break;
                case 2: Run<Two>(from, stride, part, w, begin, startStep, to, step); break;
                case 3: Run<Three>(from, stride, part, w, begin, startStep, to, step); break;
                case 4: Run<Four>(from, stride, part, w, begin, startStep, to, step); break;
                case 5: Run<Five>(from, stride, part, w, begin, startStep, to, step); break;
                case 6: Run<Six>(from, stride, part, w, begin, startStep, to, step); break;
                case 7: Run<Seven>(from, stride, part, w, begin, startStep, to, step); break;
                default: Run<Eight>(from, stride, part, w, begin, startStep, to, step); break;
            }
            first = end;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TTile>(float* x, ConvStride stride, KernelPart part, float* w, float* start, long startStep, float* y, long step) where TTile : struct, ITile
    {
        T s0 = T.Load(start), s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        if (TTile.Count > 1) s1 = T.Load(start + startStep);
        if (TTile.Count > 2) s2 = T.Load(start + (2 * startStep));
        if (TTile.Count > 3) s3 = T.Load(start + (3 * startStep));
        if (TTile.Count > 4) s4 = T.Load(start + (4 * startStep));
        if (TTile.Count > 5) s5 = T.Load(start + (5 * startStep));
        if (TTile.Count > 6) s6 = T.Load(start + (6 * startStep));
        if (TTile.Count > 7) s7 = T.Load(start + (7 * startStep));
        var (apart, size) = (stride.Position, T.Count * T.Count);
        for (long left = stride.Channels, plane = 0; left > 0; left -= T.Count, plane += stride.Plane, w += part.Kernel.H * part.Kernel.W * size)
        {
            var count = Math.Min(T.Count, left);
            for (var h = part.Top; h < part.Bottom; h++)
            {
                var p0 = x + plane + (h * stride.Below) + (part.Left * stride.Beside);
                var weights = w + (((h * part.Kernel.W) + part.Left) * size);
                for (var k = part.Left; k < part.Right; k++, p0 += stride.Beside, weights += size)
                {
                    float* p1 = p0 + apart, p2 = p1 + apart, p3 = p2 + apart, p4 = p3 + apart, p5 = p4 + apart, p6 = p5 + apart, p7 = p6 + apart;
                    var own = weights;
                    for (var c = 0L; c < count; c++, own += T.Count)
                    {
                        var weight = T.Load(own);
                        s0 = T.Add(s0, p0[c], weight);
                        if (TTile.Count > 1) s1 = T.Add(s1, p1[c], weight);
                        if (TTile.Count > 2) s2 = T.Add(s2, p2[c], weight);
                        if (TTile.Count > 3) s3 = T.Add(s3, p3[c], weight);
                        if (TTile.Count > 4) s4 = T.Add(s4, p4[c], weight);
                        if (TTile.Count > 5) s5 = T.Add(s5, p5[c], weight);
                        if (TTile.Count > 6) s6 = T.Add(s6, p6[c], weight);
                        if (TTile.Count > 7) s7 = T.Add(s7, p7[c], weight);
                    }
                }
            }
        }
        s0.Store(y);
        if (TTile.Count > 1) s1.Store(y + step);
        if (TTile.Count > 2) s2.Store(y + (2 * step));
        if (TTile.Count > 3) s3.Store(y + (3 * step));
        if (TTile.Count > 4) s4.Store(y + (4 * step));
        if (TTile.Count > 5) s5.Store(y + (5 * step));
        if (TTile.Count > 6) s6.Store(y + (6 * step));
        if (TTile.Count > 7) s7.Store(y + (7 * step));
    }
}
