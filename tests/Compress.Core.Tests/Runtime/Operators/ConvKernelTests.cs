using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Convolutions over blocks of 8 and of 16 channels, against the sums that they are, in double precision.</summary>
[TestClass]
public sealed class ConvKernelTests
{
    private const int Samples = 2, H = 9, W = 19;

    [TestMethod]
    [DataRow(16, 32, 3, 3, 1, 1, 1, 1, DisplayName = "whole blocks")]
    [DataRow(20, 24, 3, 3, 2, 1, 1, 1, DisplayName = "channels that fill no block, a stride")]
    [DataRow(21, 13, 5, 3, 1, 2, 2, 0, DisplayName = "odd counts, another height than width, dilated, pads on one side")]
    [DataRow(16, 20, 3, 3, 1, 1, 1, 1, DisplayName = "filters that fill no block")]
    [DataRow(32, 16, 1, 1, 1, 1, 0, 0, DisplayName = "one pixel")]
    [DataRow(16, 16, 2, 4, 1, 1, 0, 0, DisplayName = "no pads")]
    [DataRow(16, 16, 3, 3, 1, 1, 0, 2, DisplayName = "pads at the end")]
    [DataRow(16, 16, 11, 3, 1, 1, 10, 10, DisplayName = "lines that meet zeros alone")]
    public void They_are_the_sums_that_they_should_be(int channels, int filters, int height, int width, int stride, int dilation, int begin, int end)
    {
        var shape = new ConvShape(filters, channels, (height, width), (stride, stride), (dilation, 1), (begin, Math.Min(begin, 1)), (end, Math.Min(end, 2)), IsDepthwise: false);
        Check<Lanes8>(shape);
        Check<Lanes16>(shape);
    }

    private static void Check<T>(ConvShape shape) where T : struct, ILanes<T>
    {
        var (filters, channels, positions) = ((int)shape.Filters, (int)shape.Channels, (int)shape.Positions);
        var x = new ModelBuilder(3).Random(1, Samples, channels, H, W).Floats();
        var w = new ModelBuilder(4).Random(1, filters, channels, positions).Floats();
        float[] bias = [.. new ModelBuilder(5).Random(1, filters).Floats(), .. new float[Blocks<T>.Padded(filters) - filters]];
        var weights = new float[Blocks<T>.Padded(filters) * Blocks<T>.Padded(channels) * positions];
        WeightKernels.InBlocks(w, (filters, channels, positions), T.Count, weights);
        var (lines, columns) = ((int)shape.Output((H, W)).H, (int)shape.Output((H, W)).W);
        long[] input = [Samples, Blocks<T>.Padded(channels), H, W], output = [Samples, Blocks<T>.Padded(filters), lines, columns];
        var own = Blocks<T>.Of(x, Samples, channels, H * W);

        var made = Enumerable.Repeat(float.NaN, (int)(output[0] * output[1] * lines * columns)).ToArray();
        ConvKernel.Run<T>(shape, own, input, weights, bias, made, output);

        var expected = Blocks<T>.Of(ConvMeetings.Results(shape, x, Samples, (H, W), (lines, columns), w, bias), Samples, filters, lines * columns);
        var precision = Tiling.Suits(shape, output) ? TiledConvTests.Precision * expected.Max(Math.Abs) : 1e-4;
        for (var i = 0; i < made.Length; i++) Assert.AreEqual(expected[i], made[i], precision);
    }
}
