namespace Compress.Runtime.Operators;

/// <summary>
/// Convolutions over blocks of channels: y[n, m, o] = b[m] + Σ x[n, c, o·stride + k·dilation − begin] · w[m, c, k]. Where kernels are larger than one pixel it is faster than what ONNX
/// Runtime has. What suits goes by tiles (<see cref="TiledConv"/>).
/// </summary>
internal static unsafe class ConvKernel
{
    public static void Run(ref KernelCall call)
    {
        var (shape, input) = (ConvShape.Of(call.Input(3)), call.Dims(0));
        var (lines, columns) = shape.Output((input[2], input[3]));
        long[] output = [input[0], ChannelBlock.Padded(shape.Filters, ChannelBlock.Size), lines, columns];
        if (ChannelBlock.Size == Lanes16.Count) Run<Lanes16>(shape, call.Input(0), input, call.Input(1), call.Input(2), call.Output(0, output), output);
        else Run<Lanes8>(shape, call.Input(0), input, call.Input(1), call.Input(2), call.Output(0, output), output);
    }

    /// <typeparam name="T">A block of channels.</typeparam>
    /// <param name="w">[M/b, C/b, h, w, b of C, b of M].</param>
    /// <param name="bias">[M], filled up with zeros.</param>
    public static void Run<T>(ConvShape shape, ReadOnlySpan<float> x, long[] input, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> y, long[] output) where T : struct, ILanes<T>
    {
        if (Tiling.Suits(shape, output))
        {
            TiledConv.Run<T>(shape, x, input, w, bias, y, output);
            return;
        }
        fixed (float* own = x, weights = w, start = bias, to = y)
        {
            var planes = new PaddedPlanes<T>(new(own), (input[2], input[3]), shape.Begin, shape.Reach((output[2], output[3])), input[1] / T.Count, T.Count);
            var walk = new Walk<T>(shape, planes.Row, planes.Plane, input[2], weights, start, output);
            var room = planes.Room(Piece.Planes);
            for (var n = 0L; n < output[0]; n++) walk.Go(planes.Fill(n * input[1] * input[2] * input[3], room), to + (n * output[1] * output[2] * output[3]));
        }
    }

    /// <summary>Goes over a sample.</summary>
    /// <param name="row">Floats from a row of it to the next.</param>
    /// <param name="plane">From a block of channels to the next.</param>
    /// <param name="height">Of the image without zeros around it.</param>
    private readonly struct Walk<T>(ConvShape shape, long row, long plane, long height, float* weights, float* biases, long[] output) where T : struct, ILanes<T>
    {
        private readonly long lines = output[2], columns = output[3];
        private readonly ConvStride stride = new(shape.Channels, plane, shape.Dilations.H * row, shape.Dilations.W * T.Count, shape.Strides.W * T.Count);

        public void Go(float* x, float* y)
        {
            float* w = weights, bias = biases;
            var filter = ChannelBlock.Padded(shape.Channels, T.Count) * shape.Positions * T.Count;
            for (var block = 0L; block < output[1] / T.Count; block++, w += filter, bias += T.Count)
                for (var line = 0L; line < lines; line++, y += columns * T.Count)
                {
                    var (top, bottom) = shape.RowsAt(line, height);
                    ConvTile<T>.Run(columns, x + (line * shape.Strides.H * row), stride, new(shape.Kernel, top, bottom, 0, shape.Kernel.W), w, bias, 0, y, T.Count);
                }
        }
    }
}
