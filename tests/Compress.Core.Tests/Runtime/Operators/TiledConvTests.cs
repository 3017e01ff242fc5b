using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>
/// Convolutions by tiles and the gradients of their weights, against the sums that they are in double precision: groups of tiles that end within a sample, groups of many samples,
/// tiles that the output cuts off.
/// </summary>
[TestClass]
public sealed class TiledConvTests
{
    /// <summary>Of the largest result.</summary>
    public const double Precision = 1e-5;

    /// <summary>Floats, more than any piece has here.</summary>
    private const int Enough = 1 << 18;

    [TestMethod]
    [DataRow(2, 16, 16, 28, 28, 1, 1, DisplayName = "tiles that fill the output")]
    [DataRow(2, 5, 19, 21, 50, 1, 1, DisplayName = "channels that fill no block, groups that end within a sample")]
    [DataRow(23, 20, 16, 7, 7, 1, 1, DisplayName = "groups of many samples")]
    [DataRow(17, 16, 8, 6, 6, 0, 0, DisplayName = "no pads, a single tile")]
    [DataRow(4, 8, 8, 6, 9, 2, 0, DisplayName = "pads at the beginning alone")]
    [DataRow(1, 8, 8, 4, 231, 0, 1, DisplayName = "a row of more tiles than a group has")]
    public void They_are_the_sums_that_they_should_be(int samples, int channels, int filters, int height, int width, int begin, int end)
    {
        var shape = new ConvShape(filters, channels, (3, 3), (1, 1), (1, 1), (begin, begin), (end, end), IsDepthwise: false);
        Check<Lanes8>(shape, samples, height, width);
        Check<Lanes16>(shape, samples, height, width);
    }

    [TestMethod]
    [DataRow(3, 1, 1, 7, 7, true, DisplayName = "three quarters of the tiles are full")]
    [DataRow(3, 1, 1, 3, 3, true, DisplayName = "half of a tile")]
    [DataRow(3, 1, 1, 5, 5, false, DisplayName = "less than half of the tiles")]
    [DataRow(3, 1, 1, 2, 2, false, DisplayName = "a quarter of a tile")]
    [DataRow(3, 1, 1, 0, 7, false, DisplayName = "no lines")]
    [DataRow(3, 2, 1, 8, 8, false, DisplayName = "a stride")]
    [DataRow(3, 1, 2, 8, 8, false, DisplayName = "dilated")]
    [DataRow(5, 1, 1, 8, 8, false, DisplayName = "a wider kernel")]
    public void Tiles_are_taken_where_they_are_faster(int kernel, int stride, int dilation, int lines, int columns, bool suits) =>
        Assert.AreEqual(suits, Tiling.Suits(new ConvShape(16, 16, (kernel, kernel), (stride, stride), (dilation, dilation), (1, 1), (1, 1), IsDepthwise: false), [16, 16, lines, columns]));

    [TestMethod]
    public void Few_tiles_are_not_worth_what_is_made_of_the_weights() =>
        Assert.IsFalse(Tiling.Suits(new ConvShape(512, 512, (3, 3), (1, 1), (1, 1), (1, 1), (1, 1), IsDepthwise: false), [1, 512, 7, 7]));

    private static void Check<T>(ConvShape shape, int samples, int height, int width) where T : struct, ILanes<T>
    {
        var (channels, filters) = ((int)shape.Channels, (int)shape.Filters);
        var (lines, columns) = ((int)shape.Output((height, width)).H, (int)shape.Output((height, width)).W);
        var (x, w) = (new ModelBuilder(3).Random(1, samples, channels, height, width).Floats(), new ModelBuilder(4).Random(1, filters, channels, 9).Floats());
        var g = new ModelBuilder(5).Random(1, samples, filters, lines, columns).Floats();
        float[] bias = [.. new ModelBuilder(6).Random(1, filters).Floats(), .. new float[Blocks<T>.Padded(filters) - filters]], blocked = new float[Blocks<T>.Padded(filters) * Blocks<T>.Padded(channels) * 9];
        WeightKernels.InBlocks(w, (filters, channels, 9), T.Count, blocked);
        long[] input = [samples, Blocks<T>.Padded(channels), height, width], output = [samples, Blocks<T>.Padded(filters), lines, columns];
        var own = Blocks<T>.Of(x, samples, channels, height * width);
        Assert.IsTrue(Tiling.Suits(shape, output));

        LeaveBehind(float.NaN);
        var y = Nothing(output[0] * output[1] * lines * columns);
        TiledConv.Run<T>(shape, own, input, blocked, bias, y, output);
        var (weights, biases) = Gradients(source => Read.Numbers(own, source));

        var gradients = ConvMeetings.Gradients(shape, x, samples, (height, width), g, (lines, columns));
        AreAlike(Blocks<T>.Of(ConvMeetings.Results(shape, x, samples, (height, width), (lines, columns), w, bias), samples, filters, lines * columns), y);
        AreAlike(gradients.Weights, weights);
        AreAlike(gradients.Biases, biases);

        var (onGrid, places) = Read.OnGrid(own);
        CollectionAssert.AreEqual(Gradients(source => Read.Numbers(onGrid, source)).Weights, Gradients(source => Read.Places(places, source)).Weights, "places are read as the values there");

        (float[] Weights, float[] Biases) Gradients(Action<Action<PlaneSource>> of)
        {
            float[] weights = Nothing(w.Length), biases = Nothing(filters);
            LeaveBehind(float.NaN);
            of(source => TiledConvGradient.Run<T>(shape, source, input, Blocks<T>.Of(g, samples, filters, lines * columns), output, weights, biases));
            return (weights, biases);
        }
    }

    private static float[] Nothing(long count) => [.. Enumerable.Repeat(float.NaN, (int)count)];

    /// <summary>As if another kernel had run.</summary>
    private static unsafe void LeaveBehind(float value)
    {
        foreach (var piece in Enum.GetValues<Piece>()) new Span<float>(Scratch.Of(piece, Enough), Enough).Fill(value);
    }

    private static void AreAlike(double[] expected, float[] values)
    {
        var largest = expected.Max(Math.Abs);
        for (var i = 0; i < values.Length; i++) Assert.AreEqual(expected[i], values[i], Precision * largest);
    }
}
