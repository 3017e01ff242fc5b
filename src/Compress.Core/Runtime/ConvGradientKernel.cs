using System.Buffers;

namespace Compress.Runtime;

/// <summary>How the kernel of a convolution moves: M filters of C channels (1 of M where each has its own), along height and width each.</summary>
internal readonly record struct ConvShape(long Filters, long Channels, (long H, long W) Kernel, (long H, long W) Strides, (long H, long W) Dilations, (long H, long W) Begin, bool IsDepthwise)
{
    public long Positions => Kernel.H * Kernel.W;

    /// <summary>As the numbers of a tensor.</summary>
    public float[] Numbers => [Filters, Channels, Kernel.H, Kernel.W, Strides.H, Strides.W, Dilations.H, Dilations.W, Begin.H, Begin.W, IsDepthwise ? 1 : 0];

    public static ConvShape Of(ReadOnlySpan<float> n) =>
        new((long)n[0], (long)n[1], ((long)n[2], (long)n[3]), ((long)n[4], (long)n[5]), ((long)n[6], (long)n[7]), ((long)n[8], (long)n[9]), n[10] != 0);

    /// <summary>The positions of the other side, from which a kernel offset meets the input.</summary>
    public static (long From, long To) Meets(long offset, long stride, long dilation, long begin, long input, long from, long to)
    {
        var first = begin - (offset * dilation); // position o meets input o·stride − first
        return (Math.Max(from, first <= 0 ? 0 : (first + stride - 1) / stride), Math.Min(to, input - 1 + first < 0 ? 0 : ((input - 1 + first) / stride) + 1));
    }
}

/// <summary>
/// Gradients of a convolution's weights and biases, from the input in blocks of channels ([N, C, H, W] as it is where C fills none) and the gradient of the output in blocks:
/// ∂L/∂w[m, c, k] = Σ g[n, m, o] · x[n, c, o·stride + k·dilation − begin], ∂L/∂b[m] = Σ g[n, m, o].
/// </summary>
internal static unsafe class ConvGradientKernel
{
    /// <summary>Positions of the output that are gone through for all kernel offsets, so that both sides stay in the fastest cache.</summary>
    private const long Chunk = 192;

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
        private readonly long height = input[2], width = input[3], lines = output[2], columns = output[3];

        /// <summary>Whether the input is in blocks.</summary>
        private readonly bool isBlocked = input[1] % T.Count == 0;

        public void Add(long n, long block, float* bias)
        {
            var other = g + (((n * output[1]) + (block * T.Count)) * lines * columns);
            WeightSums<T>.Alone(other, lines * columns, bias);
            var step = Math.Max(1, Chunk / columns);
            var image = x + (n * input[1] * height * width);
            if (shape.IsDepthwise)
                for (var line = 0L; line < lines; line += step) Offsets(image + (block * T.Count * height * width), 0, other, line, Math.Min(line + step, lines), sums + (block * apart));
            else
                for (var channel = 0L; channel < input[1]; channel += isBlocked ? T.Count : 1)
                    for (var line = 0L; line < lines; line += step) Offsets(image + (channel * height * width), channel, other, line, Math.Min(line + step, lines), sums + (block * apart) + (channel * shape.Positions * T.Count));
        }

        /// <summary>Every kernel offset over some lines of the output.</summary>
        /// <param name="own">The input's plane: of a block of channels, or of a single one.</param>
        private void Offsets(float* own, long channel, float* other, long line, long end, float* to)
        {
            var wide = isBlocked ? T.Count : 1;
            for (var y = 0L; y < shape.Kernel.H; y++)
            {
                var (top, bottom) = ConvShape.Meets(y, shape.Strides.H, shape.Dilations.H, shape.Begin.H, height, line, end);
                for (var x = 0L; x < shape.Kernel.W; x++, to += T.Count)
                {
                    var (left, right) = ConvShape.Meets(x, shape.Strides.W, shape.Dilations.W, shape.Begin.W, width, 0, columns);
                    if (bottom <= top || right <= left) continue;
                    var (from, first) = ((top * shape.Strides.H) + (y * shape.Dilations.H) - shape.Begin.H, (left * shape.Strides.W) + (x * shape.Dilations.W) - shape.Begin.W);
                    var area = new WeightSums<T>.Area(bottom - top, right - left, shape.Strides.H * width * wide, shape.Strides.W * wide, columns * T.Count);
                    Sum(own + (((from * width) + first) * wide), channel, other + (((top * columns) + left) * T.Count), area, to);
                }
            }
        }

        private void Sum(float* own, long channel, float* other, WeightSums<T>.Area area, float* to)
        {
            if (shape.IsDepthwise) WeightSums<T>.Each(own, other, area, to);
            else if (!isBlocked) WeightSums<T>.One(own, other, area, to);
            else
            {
                var (apart, there) = (shape.Positions * T.Count, Math.Min(T.Count, shape.Channels - channel));
                var i = 0L;
                for (; i + WeightSums<T>.Together <= there; i += WeightSums<T>.Together) WeightSums<T>.Many(own + i, other, area, to + (i * apart), apart);
                for (; i < there; i++) WeightSums<T>.One(own + i, other, area, to + (i * apart));
            }
        }
    }
}
