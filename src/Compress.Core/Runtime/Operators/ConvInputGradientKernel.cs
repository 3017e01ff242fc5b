using System.Buffers;

namespace Compress.Runtime.Operators;

/// <summary>
/// Gradient of a convolution's input, in blocks of channels like the gradient of its output: ∂L/∂x[n, c, o·stride + k·dilation − begin] += g[n, m, o] · w[m, c, k]. Faster than what
/// ONNX Runtime has where the kernel moves by more than one, or many of its positions lie in pads.
/// </summary>
internal static unsafe class ConvInputGradientKernel
{
    public static void Run(ref KernelCall call)
    {
        var shape = ConvShape.Of(call.Input(2));
        long[] output = call.Dims(0), input = call.Dims(3);
        if (ChannelBlock.Size == Lanes16.Count) Run<Lanes16>(shape, call.Input(0), output, call.Input(1), call.Output(0, input), input);
        else Run<Lanes8>(shape, call.Input(0), output, call.Input(1), call.Output(0, input), input);
    }

    /// <typeparam name="T">A block of channels.</typeparam>
    /// <param name="weights">[M, C, k, k], or [M, 1, k, k].</param>
    public static void Run<T>(ConvShape shape, ReadOnlySpan<float> g, long[] output, ReadOnlySpan<float> weights, Span<float> image, long[] input) where T : struct, ILanes<T>
    {
        image.Clear();
        var (lines, columns, plane) = (output[2], output[3], input[2] * input[3]);
        var (filterBlocks, imageBlocks) = (output[1] / T.Count, input[1] / T.Count);
        var count = checked((int)(filterBlocks * (shape.IsDepthwise ? 1 : imageBlocks * T.Count) * shape.Positions * T.Count));
        var rented = ArrayPool<float>.Shared.Rent(count);
        fixed (float* w = rented, from = g, to = image)
        {
            Fill<T>(shape, weights, rented.AsSpan(0, count), imageBlocks);
            for (var n = 0L; n < output[0]; n++)
                for (var own = 0L; own < imageBlocks; own++)
                    for (var other = shape.IsDepthwise ? own : 0; other < (shape.IsDepthwise ? own + 1 : filterBlocks); other++)
                        for (var k = 0L; k < shape.Positions; k++)
                        {
                            var met = shape.Meet(k / shape.Kernel.W, k % shape.Kernel.W, (input[2], input[3]), 0, lines, columns);
                            if (met.Rows == 0 || met.Columns == 0) continue;
                            var area = new BlockArea(met.Rows, met.Columns, shape.Strides.H * input[3] * T.Count, shape.Strides.W * T.Count, columns * T.Count);
                            var place = to + ((((n * imageBlocks) + own) * plane) + met.Image) * T.Count;
                            var source = from + ((((n * filterBlocks) + other) * lines * columns) + met.Output) * T.Count;
                            if (shape.IsDepthwise) BlockSpread<T>.Each(place, source, area, w + (((own * shape.Positions) + k) * T.Count));
                            else
                                for (var i = 0L; i < Math.Min(T.Count, shape.Filters - (other * T.Count)); i += BlockSpread<T>.Together) // zeros give nothing
                                    BlockSpread<T>.Many(place, source + i, area, w + ((((((other * imageBlocks) + own) * shape.Positions) + k) * T.Count) + i) * T.Count);
                        }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Weights as the loops read them: block of filters, block of channels, kernel offset, filter, channel; where each channel has its own: block, kernel offset, channel.</summary>
    private static void Fill<T>(ConvShape shape, ReadOnlySpan<float> weights, Span<float> to, long imageBlocks) where T : struct, ILanes<T>
    {
        to.Clear();
        var i = 0;
        for (var m = 0L; m < shape.Filters; m++)
            for (var c = 0L; c < shape.Channels; c++)
                for (var k = 0L; k < shape.Positions; k++)
                {
                    var (block, lane) = Math.DivRem(m, T.Count);
                    var place = shape.IsDepthwise
                        ? (((block * shape.Positions) + k) * T.Count) + lane
                        : ((((((block * imageBlocks) + (c / T.Count)) * shape.Positions) + k) * T.Count) + lane) * T.Count + (c % T.Count);
                    to[(int)place] = weights[i++];
                }
    }
}
