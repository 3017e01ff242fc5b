using System.Buffers;

namespace Compress.Runtime.Operators;

/// <summary>
/// Gradients of a convolution's weights and biases, from the input in blocks of channels ([N, C, H, W] as it is where C fills none) and the gradient of the output in blocks:
/// ∂L/∂w[m, c, k] = Σ g[n, m, o] · x[n, c, o·stride + k·dilation − begin], ∂L/∂b[m] = Σ g[n, m, o]. What suits goes by tiles (<see cref="TiledConvGradient"/>).
/// </summary>
internal static unsafe class ConvGradientKernel
{
    /// <summary>Positions of the output that are gone through for all kernel offsets, so that both sides stay in the fastest cache.</summary>
    private const long Chunk = 128;

    /// <param name="isOnGrid">The first input is where the convolution's lies on a grid, which comes last.</param>
    public static void Run(ref KernelCall call, bool isOnGrid)
    {
        var shape = ConvShape.Of(call.Input(2));
        long[] input = call.Dims(0), output = call.Dims(1);
        Span<float> weights = call.Output(0, shape.Filters, shape.Channels, shape.Kernel.H, shape.Kernel.W), biases = call.Output(1, shape.Filters);
        fixed (float* values = isOnGrid ? default : call.Input(0))
        fixed (ushort* places = isOnGrid ? call.Places(0) : default)
        {
            var x = new PlaneSource(values, places, isOnGrid ? call.Grid(3) : default);
            if (ChannelBlock.Size == Lanes16.Count) Run<Lanes16>(shape, x, input, call.Input(1), output, weights, biases);
            else Run<Lanes8>(shape, x, input, call.Input(1), output, weights, biases);
        }
    }

    /// <typeparam name="T">A block of channels.</typeparam>
    /// <param name="weights">[M, C, k, k], or [M, 1, k, k].</param>
    public static void Run<T>(ConvShape shape, PlaneSource x, long[] input, ReadOnlySpan<float> g, long[] output, Span<float> weights, Span<float> biases) where T : struct, ILanes<T>
    {
        if (input[1] % T.Count == 0 && Tiling.Suits(shape, output))
        {
            TiledConvGradient.Run<T>(shape, x, input, g, output, weights, biases);
            return;
        }
        // A sum for each block of filters, channel, kernel offset and filter; then one for each bias.
        var (blocks, rows) = (output[1] / T.Count, shape.IsDepthwise ? shape.Positions : input[1] * shape.Positions);
        var count = checked((int)(blocks * (rows + 1) * T.Count));
        var rented = ArrayPool<float>.Shared.Rent(count);
        rented.AsSpan(0, count).Clear();
        var (image, isNine) = ((input[2], input[3]), shape.IsDepthwise && shape.Kernel == (3, 3));
        var (deep, wide) = input[1] % T.Count == 0 ? (input[1] / T.Count, T.Count) : (input[1], 1); // planes, and channels of one
        var planes = isNine
            ? new PaddedPlanes<T>(x, image, shape.Begin, shape.Reach((output[2], output[3])), 1, T.Count)
            : new PaddedPlanes<T>(x, image, (0, 0), image, deep, wide);
        var room = planes.Room(Piece.Planes);
        fixed (float* sums = rented, other = g)
        {
            var walk = new Walk<T>(shape, input, other, output, sums, rows * T.Count);
            for (var n = 0L; n < output[0]; n++)
            {
                var first = n * input[1] * input[2] * input[3];
                var sample = isNine ? null : planes.Fill(first, room);
                for (var block = 0L; block < blocks; block++)
                {
                    walk.AddAlone(n, block, sums + (((blocks * rows) + block) * T.Count)); // first: it brings them near
                    if (isNine) walk.AddNine(planes.Fill(first + (block * T.Count * input[2] * input[3]), room), planes.Row, n, block);
                    else walk.Add(sample, n, block);
                }
            }
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
    /// <param name="apart">Floats from the sums of a block of filters to those of the next.</param>
    private readonly ref struct Walk<T>(ConvShape shape, long[] input, float* g, long[] output, float* sums, long apart) where T : struct, ILanes<T>
    {
        private readonly long lines = output[2], columns = output[3], plane = input[2] * input[3];

        /// <summary>Whether the input is in blocks.</summary>
        private readonly bool isBlocked = input[1] % T.Count == 0;

        public void AddAlone(long n, long block, float* bias) => WeightSums<T>.Alone(Other(n, block), lines * columns, bias);

        /// <param name="image">The sample.</param>
        public void Add(float* image, long n, long block)
        {
            var other = Other(n, block);
            long step = Math.Max(1, Chunk / columns), filters = shape.Filters - (block * T.Count);
            if (shape.IsDepthwise)
                for (var line = 0L; line < lines; line += step) Offsets(image + (block * T.Count * plane), 0, filters, other, line, Math.Min(line + step, lines), sums + (block * apart));
            else
                for (var channel = 0L; channel < input[1]; channel += isBlocked ? T.Count : 1)
                    for (var line = 0L; line < lines; line += step) Offsets(image + (channel * plane), channel, filters, other, line, Math.Min(line + step, lines), sums + (block * apart) + (channel * shape.Positions * T.Count));
        }

        /// <summary>All offsets of a kernel that each channel has for itself.</summary>
        /// <param name="own">The plane of the channels, with zeros around it.</param>
        /// <param name="row">Floats from a row of it to the next.</param>
        public void AddNine(float* own, long row, long n, long block)
        {
            var area = new BlockArea(lines, columns, shape.Strides.H * row, shape.Strides.W * T.Count, columns * T.Count, T.Count);
            WeightSums<T>.Nine(own, (shape.Dilations.H * row, shape.Dilations.W * T.Count), Other(n, block), area, sums + (block * apart));
        }

        private float* Other(long n, long block) => g + (((n * output[1]) + (block * T.Count)) * lines * columns);

        /// <summary>Every kernel offset over some lines of the output.</summary>
        /// <param name="own">The input's plane: of a block of channels, or of a single one.</param>
        private void Offsets(float* own, long channel, long filters, float* other, long line, long end, float* to)
        {
            var wide = isBlocked ? T.Count : 1;
            for (var h = 0L; h < shape.Kernel.H; h++)
                if (MeetsAllAlike(h, line, end)) AddRow(own, other, h, line, end, to + (h * shape.Kernel.W * T.Count));
                else
                    for (var w = 0L; w < shape.Kernel.W; w++)
                    {
                        var met = shape.Meet(h, w, (input[2], input[3]), line, end, columns);
                        var area = new BlockArea(met.Rows, met.Columns, shape.Strides.H * input[3] * wide, shape.Strides.W * wide, columns * T.Count, T.Count);
                        if (met.Rows > 0 && met.Columns > 0) Sum(own + (met.Image * wide), channel, filters, other + (met.Output * T.Count), area.Joined, to + (((h * shape.Kernel.W) + w) * T.Count));
                    }
        }

        /// <summary>Whether what a row of the kernel meets lies side by side at every position: in a plane of a single channel, if no pads are in between.</summary>
        private bool MeetsAllAlike(long h, long line, long end) => !isBlocked && shape.Dilations.W == 1 && shape.Kernel.W <= WeightSums<T>.Together && shape.Begin.W == 0
            && shape.Meet(h, shape.Kernel.W - 1, (input[2], input[3]), line, end, columns).Columns == columns;

        private void AddRow(float* own, float* other, long h, long line, long end, float* to)
        {
            var met = shape.Meet(h, 0, (input[2], input[3]), line, end, columns);
            if (met.Rows > 0) WeightSums<T>.Many(shape.Kernel.W, own + met.Image, other + (met.Output * T.Count), new(met.Rows, columns, shape.Strides.H * input[3], shape.Strides.W, columns * T.Count, T.Count), to, T.Count);
        }

        /// <param name="filters">Those of the block that are no filling.</param>
        private void Sum(float* own, long channel, long filters, float* other, BlockArea area, float* to)
        {
            if (shape.IsDepthwise) WeightSums<T>.Each(own, other, area, to);
            else if (!isBlocked) WeightSums<T>.One(own, other, area, to);
            else if (filters > Lanes8.Count) SumAll<T>(own, channel, other, area, to);
            else SumAll<Lanes8>(own, channel, other, area, to); // of a larger block the other half would be zeros
        }

        private void SumAll<TLanes>(float* own, long channel, float* other, BlockArea area, float* to) where TLanes : struct, ILanes<TLanes>
        {
            var (apart, there) = (shape.Positions * T.Count, Math.Min(T.Count, shape.Channels - channel));
            for (var i = 0L; i < there; i += WeightSums<TLanes>.Together) WeightSums<TLanes>.Many(Math.Min(WeightSums<TLanes>.Together, there - i), own + i, other, area, to + (i * apart), apart);
        }
    }
}
