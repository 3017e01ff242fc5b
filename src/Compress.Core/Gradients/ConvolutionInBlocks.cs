using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>Gradients of a convolution over images by operators of our own, from blocks of channels and to them. Sides are named as in <see cref="Convolution"/>.</summary>
internal static class ConvolutionInBlocks
{
    /// <summary>From this size on, a kernel that was not padded lies in pads half of the time when it gives back to its input.</summary>
    private const int Wide = 5;

    /// <summary>Gradient of the weights, and the sums of the other side for each channel. Null: the kernel moves otherwise, or nothing is in blocks.</summary>
    public static (string Weights, string Biases)? Weights(GradientScope s, string x, long[] input, string g, long[] output, Window window, long[] weight)
    {
        if (Shape(s, input, output, window, weight) is not { } shape || !Blocks.Fill(s, output[1])) return null;
        var isNarrow = input[1] < s.Block && !shape.IsDepthwise; // read as it lies
        var made = s.Outputs(OwnOperators.ConvGradient, [isNarrow ? x : Blocks.In(s, x), Blocks.In(s, g), Numbers(s, shape)], 2, domain: OwnOperators.Domain);
        return (made[0], made[1]);
    }

    /// <summary>Gradient of the input, where kernels move by more than one, or lie in pads half of the time. Null: neither is so, or nothing is in blocks.</summary>
    public static string? Input(GradientScope s, string x, long[] input, string g, string w, long[] output, Window window, long[] weight)
    {
        if (Shape(s, input, output, window, weight) is not { } shape || !Blocks.Fill(s, output[1]) || !Blocks.Fill(s, input[1])) return null;
        if (window.IsDense && (window.Kernel.Any(size => size < Wide) || window.Begin.Any(pad => pad != 0))) return null; // of no image's size: there may be several
        var weights = s.Op(OwnOperators.WeightsInBlocks, [shape.IsDepthwise ? w : s.Op(OwnOperators.TurnWeights, [w], domain: OwnOperators.Domain)], domain: OwnOperators.Domain);
        var made = s.Op(OwnOperators.ConvInputGradient, [Blocks.In(s, g), weights, Numbers(s, shape), Blocks.In(s, x)], domain: OwnOperators.Domain);
        return Blocks.Out(s, made, input[1]);
    }

    /// <summary>What our operators know about a convolution; null: they cannot do it, or nothing is in blocks.</summary>
    private static ConvShape? Shape(GradientScope s, long[] input, long[] output, Window window, long[] weight)
    {
        var isDepthwise = window.Groups > 1 && window.Groups == input[1] && window.Groups == output[1];
        return s.Block is null || window.Axes != 2 || (window.Groups > 1 && !isDepthwise) ? null : window.Shape(weight, isDepthwise);
    }

    private static string Numbers(GradientScope s, ConvShape shape) => s.Constant($"{shape}", () => Tensor.Of(shape.Numbers, shape.Numbers.Length));
}
