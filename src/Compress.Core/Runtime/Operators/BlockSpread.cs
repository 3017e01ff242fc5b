using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// The inner loops of input gradients over blocks of channels: over a rectangle of positions, what the gradient of the output gives back to the image through the weights of one
/// kernel offset. Positions of the image lie apart by so many floats, those of the output next to each other.
/// </summary>
internal static unsafe class BlockSpread<T> where T : struct, ILanes<T>
{
    /// <summary>Filters that <see cref="Many"/> takes at once.</summary>
    public const int Together = 8;

    /// <summary>Eight filters that lie side by side, each with its weights for a block of channels.</summary>
    /// <param name="w">Eight blocks, one behind the other.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Many(float* image, float* g, BlockArea area, float* w)
    {
        T w0 = T.Load(w), w1 = T.Load(w + T.Count), w2 = T.Load(w + (2 * T.Count)), w3 = T.Load(w + (3 * T.Count));
        T w4 = T.Load(w + (4 * T.Count)), w5 = T.Load(w + (5 * T.Count)), w6 = T.Load(w + (6 * T.Count)), w7 = T.Load(w + (7 * T.Count));
        for (var row = 0L; row < area.Rows; row++)
        {
            float* to = image + (row * area.Row), from = g + (row * area.OtherRow);
            for (var i = 0L; i < area.Columns; i++, to += area.Position, from += T.Count)
            {
                var sum = T.Add(T.Load(to), from[0], w0);
                sum = T.Add(sum, from[1], w1);
                sum = T.Add(sum, from[2], w2);
                sum = T.Add(sum, from[3], w3);
                sum = T.Add(sum, from[4], w4);
                sum = T.Add(sum, from[5], w5);
                sum = T.Add(sum, from[6], w6);
                T.Add(sum, from[7], w7).Store(to);
            }
        }
    }

    /// <summary>A block of channels, each with its own weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Each(float* image, float* g, BlockArea area, float* w)
    {
        var weights = T.Load(w);
        for (var row = 0L; row < area.Rows; row++)
        {
            float* to = image + (row * area.Row), from = g + (row * area.OtherRow);
            for (var i = 0L; i < area.Columns; i++, to += area.Position, from += T.Count) T.Add(T.Load(to), weights, T.Load(from)).Store(to);
        }
    }
}
