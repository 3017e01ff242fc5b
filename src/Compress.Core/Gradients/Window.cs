using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>
/// How a kernel moves over the spatial axes, one number an axis: output o reads input o·stride − begin + k·dilation. For a transposed convolution the
/// roles of input and output are swapped.
/// </summary>
internal sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Begin, long[] End, long Groups)
{
    public int Axes => Kernel.Length;

    public long Positions => Kernel.Aggregate(1L, (product, size) => product * size);

    /// <summary>Of Conv and pooling; automatic pads are worked out from the sizes.</summary>
    /// <param name="kernel">Sizes when the node does not say them.</param>
    public static Window Of(Node node, long[] kernel, long[] input, long[] output)
    {
        var window = Stated(node, node.Ints("kernel_shape") ?? kernel);
        var side = node.Text("auto_pad", "NOTSET");
        return side is "SAME_UPPER" or "SAME_LOWER"
            ? window.Padded([.. Enumerable.Range(0, window.Axes).Select(i => Math.Max(0, ((output[i + 2] - 1) * window.Strides[i]) + window.Extent(i) - input[i + 2]))], upper: side == "SAME_UPPER")
            : window;
    }

    /// <summary>Of ConvTranspose, whose output is the larger side.</summary>
    public static Window OfTransposed(Node node, long[] kernel, long[] input, long[] output)
    {
        var window = Stated(node, node.Ints("kernel_shape") ?? kernel);
        if (node.Ints("output_shape") is null && !node.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal)) return window;
        var extra = node.Ints("output_padding") ?? new long[window.Axes];
        long[] total = [.. Enumerable.Range(0, window.Axes).Select(i => Math.Max(0, (window.Strides[i] * (input[i + 2] - 1)) + extra[i] + window.Extent(i) - output[i + 2]))];
        return total.All(pads => pads % 2 == 0) ? window.Padded(total, upper: true) : throw GradientRules.Refuse(node, "its automatic pads are odd");
    }

    /// <summary>Input positions that the kernel spans.</summary>
    public long Extent(int axis) => (Dilations[axis] * (Kernel[axis] - 1)) + 1;

    /// <summary>Pads as the operators take them: all begins, then all ends.</summary>
    public long[] Pads => [.. Begin, .. End];

    public bool IsDense => Strides.All(stride => stride == 1);

    /// <summary>The same over images, as our operators take it.</summary>
    /// <param name="weight">[M, C, h, w]; C is 1 where each channel has its own.</param>
    public ConvShape Shape(long[] weight, bool isDepthwise)
    {
        static (long, long) Pair(long[] sizes) => (sizes[0], sizes[1]);
        return new(weight[0], weight[1], Pair(Kernel), Pair(Strides), Pair(Dilations), Pair(Begin), Pair(End), isDepthwise);
    }

    private static Window Stated(Node node, long[] kernel)
    {
        long[] ones = [.. kernel.Select(_ => 1L)];
        var pads = node.Ints("pads") ?? new long[2 * kernel.Length];
        return new(kernel, node.Ints("strides") ?? ones, node.Ints("dilations") ?? ones, pads[..kernel.Length], pads[kernel.Length..], node.Int("group", 1));
    }

    private Window Padded(long[] total, bool upper)
    {
        long[] small = [.. total.Select(pads => pads / 2)], large = [.. total.Select(pads => pads - (pads / 2))];
        return this with { Begin = upper ? small : large, End = upper ? large : small };
    }
}
