namespace Compress.Runtime.Operators;

/// <summary>Gradients of weights and biases by <see cref="Winograd{T}"/> over blocks of channels, see <see cref="ConvGradientKernel"/>: in half of the time.</summary>
internal static unsafe class TiledConvGradient
{
    public static void Run<T>(ConvShape shape, PlaneSource x, long[] input, ReadOnlySpan<float> g, long[] output, Span<float> weights, Span<float> biases) where T : struct, ILanes<T>
    {
        var tiling = Tiling.Of(output);
        var planes = new PaddedPlanes<T>(x, (input[2], input[3]), shape.Begin, tiling.Met, input[1] / T.Count, T.Count);
        var (values, results) = (new TileSide<T>(Piece.Values, input[1], tiling), new TileSide<T>(Piece.Results, output[1], tiling));
        // [M/b, product, C, b of M]; then one for each bias.
        var count = Tiling.Products * input[1] * output[1];
        float* sums = Scratch.Of(Piece.Kernel, count + output[1]), alone = sums + count;
        new Span<float>(sums, checked((int)(count + output[1]))).Clear();
        var plane = output[2] * output[3] * T.Count;
        fixed (float* other = g, to = weights)
        {
            var others = new PaddedPlanes<T>(new(other), (output[2], output[3]), (0, 0), tiling.Covered, output[1] / T.Count, T.Count);
            float* room = planes.Room(Piece.Planes), otherRoom = others.Room(Piece.OtherPlanes);
            for (var first = 0L; first < tiling.Rows; first += tiling.Group)
            {
                var rows = Math.Min(tiling.Group, tiling.Rows - first);
                for (var i = 0L; i < rows; i++)
                {
                    var (n, row) = tiling.Place(first + i);
                    var gradient = other + (n * results.Blocks * plane);
                    for (var m = 0L; row == 0 && m < results.Blocks; m++) WeightSums<T>.Alone(gradient + (m * plane), plane / T.Count, alone + (m * T.Count));
                    var from = planes.Fill(n * input[1] * input[2] * input[3], room, isFilled: row > 0);
                    gradient = others.Fill(n * results.Blocks * plane, otherRoom, isFilled: row > 0);
                    values.Make<Winograd<T>.Data>(from + (row * Tiling.Side * planes.Row), planes.Plane, planes.Row, i);
                    results.Make<Winograd<T>.Spread>(gradient + (row * Tiling.Side * others.Row), others.Plane, others.Row, i);
                }
                Add(values, shape.Channels, results, rows * tiling.Across, sums);
            }
            Write<T>(shape, sums, input[1], to);
        }
        new Span<float>(alone, biases.Length).CopyTo(biases);
    }

    /// <summary>Every product of all tiles, added up over them.</summary>
    private static void Add<T>(TileSide<T> values, long channels, TileSide<T> results, long tiles, float* sums) where T : struct, ILanes<T>
    {
        var area = new BlockArea(1, tiles, 0, T.Count, 0, T.Count);
        for (var product = 0L; product < Tiling.Products; product++)
            for (var m = 0L; m < results.Blocks; m++)
            {
                var to = sums + (((m * Tiling.Products) + product) * values.Blocks * T.Count * T.Count);
                for (var c = 0L; c < channels; c += WeightSums<T>.Together)
                    WeightSums<T>.Many(Math.Min(WeightSums<T>.Together, channels - c), values.At(product, c / T.Count, 0) + (c % T.Count), results.At(product, m, 0), area, to + (c * T.Count), T.Count);
            }
    }

    private static void Write<T>(ConvShape shape, float* sums, long channels, float* weights) where T : struct, ILanes<T>
    {
        float* room = Winograd<T>.Room(), tile = Scratch.Of(Piece.Tile, Tiling.Kernel * Tiling.Kernel * T.Count);
        for (var first = 0L; first < shape.Filters; first += T.Count)
            for (var c = 0L; c < shape.Channels; c++)
            {
                Winograd<T>.Both<Winograd<T>.Gathered>(sums + (((first * Tiling.Products / T.Count * channels) + c) * T.Count), Tiling.Reach * channels * T.Count, channels * T.Count, tile, Tiling.Kernel * T.Count, T.Count, room);
                for (var m = first; m < Math.Min(shape.Filters, first + T.Count); m++)
                    for (var k = 0L; k < shape.Positions; k++) weights[(((m * shape.Channels) + c) * shape.Positions) + k] = tile[(k * T.Count) + (m - first)];
            }
    }
}
