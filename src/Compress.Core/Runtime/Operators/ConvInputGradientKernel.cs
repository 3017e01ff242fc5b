namespace Compress.Runtime.Operators;

/// <summary>
/// Gradient of a convolution's input, in blocks of channels like the gradient of its output: ∂L/∂x[n, c, o·stride + k·dilation − begin] += g[n, m, o] · w[m, c, k]. Where the kernel
/// moves by more than one, or many of its positions lie in pads; elsewhere the gradient is a convolution itself (<see cref="ConvKernel"/>).
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

    /// <param name="w">The weights turned round, [C/b, M/b, h, w, b of M, b of C]; where each channel has its own, as they are: [C/b, h, w, b].</param>
    public static void Run<T>(ConvShape shape, ReadOnlySpan<float> g, long[] output, ReadOnlySpan<float> w, Span<float> image, long[] input) where T : struct, ILanes<T>
    {
        var sample = (int)(input[1] * input[2] * input[3]);
        fixed (float* weights = w, from = g, to = image)
        {
            var walk = new Walk<T>(shape, weights, output, input);
            for (var n = 0; n < output[0]; n++)
            {
                image.Slice(n * sample, sample).Clear();
                walk.Add(from + (n * output[1] * output[2] * output[3]), to + ((long)n * sample));
            }
        }
    }

    /// <summary>Goes over a sample.</summary>
    private readonly struct Walk<T>(ConvShape shape, float* w, long[] output, long[] input) where T : struct, ILanes<T>
    {
        private readonly long lines = output[2], columns = output[3], plane = input[2] * input[3] * T.Count;
        private readonly ConvStride filters = new(shape.Filters, output[2] * output[3] * T.Count, 0, 0, T.Count);

        public void Add(float* g, float* image)
        {
            for (var block = 0L; block < input[1] / T.Count; block++)
                for (var h = 0L; h < shape.Kernel.H; h++)
                    for (var k = 0L; k < shape.Kernel.W; k++)
                        if (shape.IsDepthwise) AddOwn(g + (block * lines * columns * T.Count), h, k, image + (block * plane), w + (((block * shape.Positions) + (h * shape.Kernel.W) + k) * T.Count));
                        else
                            for (var line = 0L; line < lines; line++) AddAll(g, h, k, line, image + (block * plane), w + (block * (output[1] / T.Count) * shape.Positions * T.Count * T.Count));
        }

        /// <summary>What each channel's own filter gives back through an offset of the kernel.</summary>
        private void AddOwn(float* g, long h, long k, float* image, float* weights)
        {
            var met = shape.Meet(h, k, (input[2], input[3]), 0, lines, columns);
            var area = new BlockArea(met.Rows, met.Columns, shape.Strides.H * input[3] * T.Count, shape.Strides.W * T.Count, columns * T.Count, T.Count);
            if (met.Rows > 0 && met.Columns > 0) BlockSpread<T>.Each(image + (met.Image * T.Count), g + (met.Output * T.Count), area, weights);
        }

        /// <summary>What all filters give back to a block of channels, from a line of the output.</summary>
        private void AddAll(float* g, long h, long k, long line, float* image, float* weights)
        {
            var met = shape.Meet(h, k, (input[2], input[3]), line, line + 1, columns);
            if (met.Rows == 0 || met.Columns == 0) return;
            var (top, left) = (shape.Kernel.H - 1 - h, shape.Kernel.W - 1 - k);
            var (part, step) = (new KernelPart(shape.Kernel, top, top + 1, left, left + 1), shape.Strides.W * T.Count);
            var to = image + (met.Image * T.Count);
            ConvTile<T>.Run(met.Columns, g + (met.Output * T.Count), filters, part, weights, to, step, to, step);
        }
    }
}
