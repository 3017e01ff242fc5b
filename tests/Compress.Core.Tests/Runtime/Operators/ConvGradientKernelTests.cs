using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Gradients of weights and biases from blocks of 8 and of 16 channels, against the sums that they are, in double precision.</summary>
[TestClass]
public sealed class ConvGradientKernelTests
{
    [TestMethod]
    [DataRow(16, 32, 3, 3, 1, 1, 1, DisplayName = "whole blocks")]
    [DataRow(20, 24, 3, 3, 2, 1, 1, DisplayName = "channels that fill no block, a stride")]
    [DataRow(17, 8, 1, 1, 1, 1, 0, DisplayName = "half a block of filters, a channel more than a block")]
    [DataRow(25, 24, 3, 3, 2, 1, 1, DisplayName = "the same with a stride")]
    [DataRow(21, 13, 5, 3, 1, 2, 2, DisplayName = "odd counts, another height than width, dilated")]
    [DataRow(3, 16, 5, 5, 2, 1, 0, DisplayName = "input channels that are fewer than a block")]
    [DataRow(1, 16, 3, 3, 1, 1, 1, DisplayName = "one of them")]
    [DataRow(1, 20, 5, 5, 1, 1, 0, DisplayName = "one of them, no pads")]
    [DataRow(16, 16, 3, 3, 1, 1, 2, DisplayName = "pads at the beginning")]
    [DataRow(32, 16, 1, 1, 1, 1, 0, DisplayName = "one pixel")]
    [DataRow(32, 16, 1, 1, 2, 1, 0, DisplayName = "one pixel, a stride")]
    [DataRow(16, 16, 7, 9, 1, 1, 6, DisplayName = "a kernel that reaches beyond the image on both sides")]
    public void They_are_the_sums_that_they_should_be(int channels, int filters, int height, int width, int stride, int dilation, int begin)
    {
        var shape = new ConvShape(filters, channels, (height, width), (stride, stride), (dilation, 1), (begin, Math.Min(begin, 1)), (0, 0), IsDepthwise: false);
        Check<Lanes8>(shape, channels);
        Check<Lanes16>(shape, channels);
    }

    [TestMethod]
    [DataRow(16, 1)]
    [DataRow(21, 2)]
    public void Channels_with_a_kernel_each_meet_their_own(int channels, int stride)
    {
        var shape = new ConvShape(channels, 1, (3, 3), (stride, stride), (1, 1), (1, 1), (0, 0), IsDepthwise: true);
        Check<Lanes8>(shape, channels);
        Check<Lanes16>(shape, channels);
    }

    private static void Check<T>(ConvShape shape, int channels) where T : struct, ILanes<T>
    {
        const int Samples = 3, H = 9, W = 11, Lines = 4, Columns = 5;
        var (x, g) = (new ModelBuilder(3).Random(1, Samples, channels, H, W).Floats(), new ModelBuilder(4).Random(1, Samples, shape.Filters, Lines, Columns).Floats());
        var isNarrow = channels < T.Count && !shape.IsDepthwise;
        var (own, other) = (isNarrow ? x : Blocks<T>.Of(x, Samples, channels, H * W), Blocks<T>.Of(g, Samples, (int)shape.Filters, Lines * Columns));
        var (weights, biases) = (new float[shape.Filters * shape.Channels * shape.Positions], new float[shape.Filters]);

        long[] input = [Samples, own.Length / (Samples * H * W), H, W], output = [Samples, other.Length / (Samples * Lines * Columns), Lines, Columns];

        Read.Numbers(own, source => ConvGradientKernel.Run<T>(shape, source, input, other, output, weights, biases));

        var expected = ConvMeetings.Gradients(shape, x, Samples, (H, W), g, (Lines, Columns));
        for (var i = 0; i < weights.Length; i++) Assert.AreEqual(expected.Weights[i], weights[i], 1e-4);
        for (var i = 0; i < biases.Length; i++) Assert.AreEqual(expected.Biases[i], biases[i], 1e-4);
        PlacesAreReadAsTheValuesThere();

        void PlacesAreReadAsTheValuesThere()
        {
            var (onGrid, places) = Read.OnGrid(own);
            var (before, after) = (new float[weights.Length], new float[weights.Length]);
            Read.Numbers(onGrid, source => ConvGradientKernel.Run<T>(shape, source, input, other, output, before, biases));
            Read.Places(places, source => ConvGradientKernel.Run<T>(shape, source, input, other, output, after, biases));
            CollectionAssert.AreEqual(before, after);
        }
    }
}
