namespace Compress.Runtime.Operators;

/// <summary>Convolutions by <see cref="Winograd{T}"/> over blocks of channels, see <see cref="ConvKernel"/>: in half of the time, with rounding errors some ten times as large.</summary>
internal static unsafe class TiledConv
{
    public static void Run<T>(ConvShape shape, ReadOnlySpan<float> x, long[] input, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> y, long[] output) where T : struct, ILanes<T>
    {
        var tiling = Tiling.Of(output);
        var (values, results) = (new TileSide<T>(Piece.Values, input[1], tiling), new TileSide<T>(Piece.Results, output[1], tiling));
        var kernel = Scratch.Of(Piece.Kernel, Tiling.Products * input[1] * output[1]);
        fixed (float* own = x, weights = w, start = bias, to = y)
        {
            var planes = new PaddedPlanes<T>(new(own), (input[2], input[3]), shape.Begin, tiling.Met, input[1] / T.Count, T.Count);
            var room = planes.Room(Piece.Planes);
            MakeKernel<T>(weights, shape.Channels, values.Blocks, results.Blocks, kernel);
            for (var first = 0L; first < tiling.Rows; first += tiling.Group)
            {
                var rows = Math.Min(tiling.Group, tiling.Rows - first);
                for (var i = 0L; i < rows; i++)
                {
                    var (n, row) = tiling.Place(first + i);
                    var from = planes.Fill(n * input[1] * input[2] * input[3], room, isFilled: row > 0);
                    values.Make<Winograd<T>.Data>(from + (row * Tiling.Side * planes.Row), planes.Plane, planes.Row, i);
                }
                Multiply(values, shape.Channels, kernel, rows * tiling.Across, results);
                for (var i = 0L; i < rows; i++)
                {
                    var (n, row) = tiling.Place(first + i);
                    Write(results, i, tiling.Across, start, to + (n * output[1] * output[2] * output[3]) + (row * Tiling.Side * output[3] * T.Count), output[2] - (row * Tiling.Side), output);
                }
            }
        }
    }

    /// <summary>[M/b, C/b, 3, 3, b of C, b of M] → [M/b, product, C, b of M].</summary>
    /// <param name="own">Channels that are no filling.</param>
    private static void MakeKernel<T>(float* w, long own, long blocks, long others, float* kernel) where T : struct, ILanes<T>
    {
        var (channels, size, room) = (blocks * T.Count, T.Count * T.Count, (nint)Winograd<T>.Room());
        for (var m = 0L; m < others; m++)
            for (var c = 0L; c < own; c++)
                Winograd<T>.Both<Winograd<T>.Kernel>(
                    w + (((m * blocks) + (c / T.Count)) * Tiling.Kernel * Tiling.Kernel * size) + (c % T.Count * T.Count), Tiling.Kernel * size, size,
                    kernel + (((m * Tiling.Products * channels) + c) * T.Count), Tiling.Reach * channels * T.Count, channels * T.Count, (float*)room);
    }

    /// <summary>Every product of all tiles: what a convolution over single pixels is.</summary>
    private static void Multiply<T>(TileSide<T> values, long channels, float* kernel, long tiles, TileSide<T> results) where T : struct, ILanes<T>
    {
        var zeros = Scratch.Of(Piece.Zeros, T.Count);
        T.Of(0).Store(zeros);
        var stride = new ConvStride(channels, values.Block, 0, 0, T.Count);
        for (var product = 0L; product < Tiling.Products; product++)
            for (var m = 0L; m < results.Blocks; m++)
                ConvTile<T>.Run(
                    tiles, values.At(product, 0, 0), stride, new((1, 1), 0, 1, 0, 1), kernel + (((m * Tiling.Products) + product) * values.Blocks * T.Count * T.Count), zeros, 0, results.At(product, m, 0), T.Count);
    }

    /// <summary>What of a row of tiles lies in the output, with the biases.</summary>
    /// <param name="to">Its first line there.</param>
    /// <param name="lines">From there to the end.</param>
    private static void Write<T>(TileSide<T> results, long row, long across, float* biases, float* to, long lines, long[] output) where T : struct, ILanes<T>
    {
        float* room = Winograd<T>.Room(), tile = Scratch.Of(Piece.Tile, Tiling.Side * Tiling.Side * T.Count);
        for (var m = 0L; m < results.Blocks; m++, to += output[2] * output[3] * T.Count)
            for (var i = 0L; i < across; i++)
            {
                Winograd<T>.Both<Winograd<T>.Result>(results.At(0, m, (row * across) + i), Tiling.Reach * results.Product, results.Product, tile, Tiling.Side * T.Count, T.Count, room);
                var bias = T.Load(biases + (m * T.Count));
                var columns = Math.Min(Tiling.Side, output[3] - (i * Tiling.Side));
                for (var line = 0L; line < Math.Min(Tiling.Side, lines); line++)
                    for (var column = 0L; column < columns; column++)
                        T.Add(bias, T.Load(tile + (((line * Tiling.Side) + column) * T.Count))).Store(to + (((line * output[3]) + (i * Tiling.Side) + column) * T.Count));
            }
    }
}
