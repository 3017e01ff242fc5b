using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Gradients of images in blocks of 8 and of 16 channels, against the sums that they are, in double precision.</summary>
[TestClass]
public sealed class ConvInputGradientKernelTests
{
    private const int Samples = 3, H = 9, W = 11, Lines = 4, Columns = 5;

    [TestMethod]
    [DataRow(16, 32, 3, 3, 2, 1, 1, false, DisplayName = "whole blocks, a stride")]
    [DataRow(20, 24, 5, 5, 1, 1, 0, false, DisplayName = "channels that fill no block, no pads")]
    [DataRow(21, 13, 5, 3, 1, 2, 2, false, DisplayName = "odd counts, another height than width, dilated")]
    [DataRow(32, 16, 1, 1, 2, 1, 0, false, DisplayName = "one pixel, a stride")]
    [DataRow(16, 16, 7, 9, 1, 1, 6, false, DisplayName = "a kernel that reaches beyond the image on both sides")]
    [DataRow(21, 21, 3, 3, 2, 1, 1, true, DisplayName = "a channel a group, a stride")]
    public void They_are_the_sums_that_they_should_be(int channels, int filters, int height, int width, int stride, int dilation, int begin, bool isDepthwise)
    {
        var shape = new ConvShape(filters, isDepthwise ? 1 : channels, (height, width), (stride, stride), (dilation, 1), (begin, Math.Min(begin, 1)), (0, 0), isDepthwise);
        Check<Lanes8>(shape, channels);
        Check<Lanes16>(shape, channels);
    }

    private static void Check<T>(ConvShape shape, int channels) where T : struct, ILanes<T>
    {
        var g = new ModelBuilder(4).Random(1, Samples, shape.Filters, Lines, Columns).Floats();
        var w = new ModelBuilder(5).Random(1, shape.Filters, shape.Channels, shape.Positions).Floats();
        var (filters, own) = ((int)shape.Filters, Blocks<T>.Padded(channels));
        var expected = new double[Samples * own * H * W];
        for (var n = 0; n < Samples; n++)
            for (var m = 0; m < filters; m++)
                for (var c = 0; c < shape.Channels; c++)
                    for (var k = 0; k < shape.Positions; k++)
                        for (var o = 0; o < Lines * Columns; o++)
                        {
                            var h = (o / Columns * shape.Strides.H) + (k / shape.Kernel.W * shape.Dilations.H) - shape.Begin.H;
                            var x = (o % Columns * shape.Strides.W) + (k % shape.Kernel.W * shape.Dilations.W) - shape.Begin.W;
                            if (h is < 0 or >= H || x is < 0 or >= W) continue;
                            expected[Blocks<T>.Place(n, shape.IsDepthwise ? m : c, (int)((h * W) + x), channels, H * W)] +=
                                (double)g[(((n * filters) + m) * Lines * Columns) + o] * w[(((m * shape.Channels) + c) * shape.Positions) + k];
                        }

        var made = new float[expected.Length];
        Array.Fill(made, float.NaN);
        ConvInputGradientKernel.Run<T>(shape, Blocks<T>.Of(g, Samples, filters, Lines * Columns), [Samples, Blocks<T>.Padded(filters), Lines, Columns], InBlocks<T>(shape, w), made, [Samples, own, H, W]);

        for (var i = 0; i < made.Length; i++) Assert.AreEqual(expected[i], made[i], 1e-4);
    }

    private static float[] InBlocks<T>(ConvShape shape, float[] w) where T : struct, ILanes<T>
    {
        var (filters, channels, positions) = ((int)shape.Filters, (int)shape.Channels, (int)shape.Positions);
        if (shape.IsDepthwise)
        {
            var own = new float[Blocks<T>.Padded(filters) * positions];
            WeightKernels.InBlocks(w, (filters, 1, positions), T.Count, own);
            return own;
        }
        var (turned, all) = (new float[w.Length], new float[Blocks<T>.Padded(filters) * Blocks<T>.Padded(channels) * positions]);
        WeightKernels.Turn(w, (filters, channels, positions), turned);
        WeightKernels.InBlocks(turned, (channels, filters, positions), T.Count, all);
        return all;
    }
}
