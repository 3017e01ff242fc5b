using System.Numerics;
using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// Gradient of a pooling by the largest value whose windows tile an image, in blocks of channels: ∂L/∂x is ∂L/∂y where x equals the largest of its window (of equal ones, all), else 0.
/// </summary>
internal static class MaxPoolGradientKernel
{
    /// <param name="x">[N, C, H, W] in blocks, as the result is.</param>
    /// <param name="y">[N, C, H/k, W/k] in blocks, as <paramref name="g"/> is.</param>
    /// <param name="size">H and W.</param>
    /// <param name="block">Channels of a block: whole vectors.</param>
    public static void Run(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> g, (int H, int W) window, (int H, int W) size, int block, Span<float> result)
    {
        var own = MemoryMarshal.Cast<float, Vector<float>>(x);
        var largest = MemoryMarshal.Cast<float, Vector<float>>(y);
        var gradients = MemoryMarshal.Cast<float, Vector<float>>(g);
        var results = MemoryMarshal.Cast<float, Vector<float>>(result);
        var (vectors, lines) = (block / Vector<float>.Count, result.Length / block / size.W); // lines of all planes
        for (var line = 0; line < lines; line++)
            for (var column = 0; column < size.W; column++)
            {
                var (at, from) = (((line * size.W) + column) * vectors, ((line / window.H * (size.W / window.W)) + (column / window.W)) * vectors);
                for (var i = 0; i < vectors; i++) results[at + i] = Vector.ConditionalSelect(Vector.Equals(own[at + i], largest[from + i]), gradients[from + i], Vector<float>.Zero);
            }
    }

    public static void Run(ref KernelCall call)
    {
        long[] input = call.Dims(0), output = call.Dims(1);
        var size = ((int)input[2], (int)input[3]);
        Run(call.Input(0), call.Input(1), call.Input(2), ((int)(input[2] / output[2]), (int)(input[3] / output[3])), size, ChannelBlock.Size, call.Output(0, input));
    }
}
