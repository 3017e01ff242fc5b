using System.Runtime.CompilerServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// The inner loops of input gradients over blocks of channels: over a rectangle of positions, what the gradient of the output gives back to the image through the weights of one
/// kernel offset. Positions of the image lie apart by so many floats, those of the output next to each other.
/// </summary>
internal static unsafe class BlockSpread<T> where T : struct, ILanes<T>
{
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
