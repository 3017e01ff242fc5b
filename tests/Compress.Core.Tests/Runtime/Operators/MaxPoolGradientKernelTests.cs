using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>The gradient of a pooling goes to the largest of each window, in blocks of 8 and of 16 channels.</summary>
[TestClass]
public sealed class MaxPoolGradientKernelTests
{
    [TestMethod]
    [DataRow(2, 2)]
    [DataRow(3, 2)]
    public void It_goes_to_the_largest_of_each_window(int height, int width)
    {
        Check<Lanes8>(height, width);
        Check<Lanes16>(height, width);
    }

    private static void Check<T>(int height, int width) where T : struct, ILanes<T>
    {
        const int Samples = 2, Channels = 20, Lines = 3, Columns = 4;
        var (h, w) = (Lines * height, Columns * width);
        var (x, g) = (new ModelBuilder(3).Random(1, Samples * Channels, h, w).Floats(), new ModelBuilder(4).Random(1, Samples * Channels, Lines, Columns).Floats());
        var (y, expected) = (new float[g.Length], new float[x.Length]);
        for (var plane = 0; plane < Samples * Channels; plane++)
            for (var o = 0; o < Lines * Columns; o++)
            {
                int[] window = [.. Enumerable.Range(0, height * width).Select(k => (plane * h * w) + (((o / Columns * height) + (k / width)) * w) + (o % Columns * width) + (k % width))];
                var largest = window.MaxBy(i => x[i]);
                (y[(plane * Lines * Columns) + o], expected[largest]) = (x[largest], g[(plane * Lines * Columns) + o]);
            }

        var result = new float[Samples * Blocks<T>.Padded(Channels) * h * w];
        MaxPoolGradientKernel.Run(Blocks<T>.Of(x, Samples, Channels, h * w), Blocks<T>.Of(y, Samples, Channels, Lines * Columns), Blocks<T>.Of(g, Samples, Channels, Lines * Columns), (height, width), (h, w), T.Count, result);

        CollectionAssert.AreEqual(Blocks<T>.Of(expected, Samples, Channels, h * w), result);
    }
}
