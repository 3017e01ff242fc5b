using System.Buffers;

namespace Compress.Runtime.Operators;

/// <summary>
/// Gradients of a convolution's weights and biases, from the input in blocks of channels ([N, C, H, W] as it is where C fills none) and the gradient of the output in blocks:
/// ∂L/∂w[m, c, k] = Σ g[n, m, o] · x[n, c, o·stride + k·dilation − begin], ∂L/∂b[m] = Σ g[n, m, o].
/// </summary>
internal static unsafe class ConvGradientKernel
{
    /// <summary>Positions of the output that are gone through for all kernel offsets, so that both sides stay in the fastest cache.</summary>
    private const long Chunk = 128;

    /// <summary>Channels from which on it is faster to take eight at once, zeros among them, than one after the other.</summary>
    private const long Worth = 3;

    public static void Run(ref KernelCall call)
    {
        var shape = ConvShape.Of(call.Input(2));
        long[] input = call.Dims(0), output = call.Dims(1);
        Span<float> weights = call.Output(0, shape.Filters, shape.Channels, shape.Kernel.H, shape.Kernel.W), biases = call.Output(1, shape.Filters);
        if (ChannelBlock.Size == Lanes16.Count) Run<Lanes16>(shape, call.Input(0), input, call.Input(1), output, weights, biases);
        else Run<Lanes8>(shape, call.Input(0), input, call.Input(1), output, weights, biases);
    }

    /// <typeparam name="T">A block of channels.</typeparam>
    /// <param name="weights">[M, C, k, k], or [M, 1, k, k].</param>
    public static void Run<T>(ConvShape shape, ReadOnlySpan<float> x, long[] input, ReadOnlySpan<float> g, long[] output, Span<float> weights, Span<float> biases) where T : struct, ILanes<T>
    {
        // A sum for each block of filters, channel, kernel offset and filter; then one for each bias.
        var (blocks, rows) = (output[1] / T.Count, shape.IsDepthwise ? shape.Positions : input[1] * shape.Positions);
        var count = checked((int)(blocks * (rows + 1) * T.Count));
        var rented = ArrayPool<float>.Shared.Rent(count);
        rented.AsSpan(0, count).Clear();
        fixed (float* sums = rented, own = x, other = g)
        {
            var walk = new Walk<T>(shape, own, input, other, output, sums, rows * T.Count);
            for (var n = 0L; n < output[0]; n++)
                for (var block = 0L; block < blocks; block++) walk.Add(n, block, sums + (((blocks * rows) + block) * T.Count));
            var each = shape.Channels * shape.Positions;
            for (var m = 0L; m < shape.Filters; m++)
            {
                var from = sums + (m / T.Count * rows * T.Count) + (m % T.Count);
                for (var i = 0L; i < each; i++) weights[(int)((m * each) + i)] = from[i * T.Count];
                biases[(int)m] = sums[(blocks * rows * T.Count) + m];
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Goes over one sample and block of filters at a time.</summary>
    private readonly ref struct Walk<T>(ConvShape shape, float* x, long[] input, float* g, long[] output, float* sums, long apart) where T : struct, ILanes<T>
    {
        private readonly long lines = output[2], columns = output[3], plane = input[2] * input[3];

        /// <summary>Whether the input is in blocks.</summary>
        private readonly bool isBlocked = input[1] % T.Count == 0;

        public void Add(long n, long block, float* bias)
        {
            var other = g + (((n * output[1]) + (block * T.Count)) * lines * columns);
            WeightSums<T>.Alone(other, lines * columns, bias);
            var step = Math.Max(1, Chunk / columns);
            var image = x + (n * input[1] * plane);
            if (shape.IsDepthwise)
                for (var line = 0L; line < lines; line += step) Offsets(image + (block * T.Count * plane), 0, other, line, Math.Min(line + step, lines), sums + (block * apart));
            else
                for (var channel = 0L; channel < input[1]; channel += isBlocked ? T.Count : 1)
                    for (var line = 0L; line < lines; line += step) Offsets(image + (channel * plane), channel, other, line, Math.Min(line + step, lines), sums + (block * apart) + (channel * shape.Positions * T.Count));
        }

        /// <summary>Every kernel offset over some lines of the output.</summary>
        /// <param name="own">The input's plane: of a block of channels, or of a single one.</param>
        private void Offsets(float* own, long channel, float* other, long line, long end, float* to)
        {
            var wide = isBlocked ? T.Count : 1;
            for (var h = 0L; h < shape.Kernel.H; h++)
                for (var w = 0L; w < shape.Kernel.W; w++, to += T.Count)
                {
                    var met = shape.Meet(h, w, (input[2], input[3]), line, end, columns);
                    var area = new BlockArea(met.Rows, met.Columns, shape.Strides.H * input[3] * wide, shape.Strides.W * wide, columns * T.Count);
                    if (met.Rows > 0 && met.Columns > 0) Sum(own + (met.Image * wide), channel, other + (met.Output * T.Count), area, to);
                }
        }

        private void Sum(float* own, long channel, float* other, BlockArea area, float* to)
        {
            if (shape.IsDepthwise) WeightSums<T>.Each(own, other, area, to);
            else if (!isBlocked) WeightSums<T>.One(own, other, area, to);
            else
            {
                var (apart, there) = (shape.Positions * T.Count, Math.Min(T.Count, shape.Channels - channel));
                var i = 0L;
                for (; there - i >= Worth; i += WeightSums<T>.Together) WeightSums<T>.Many(own + i, other, area, to + (i * apart), apart);
                for (; i < there; i++) WeightSums<T>.One(own + i, other, area, to + (i * apart));
            }
        }
    }
}
