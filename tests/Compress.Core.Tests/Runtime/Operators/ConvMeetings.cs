using Compress.Runtime.Operators;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>What a convolution multiplies, pair by pair, for sums in double precision. Values lie as [N, C, H, W], weights as [M, C, h, w], results as [N, M, H, W].</summary>
internal static class ConvMeetings
{
    /// <param name="image">H and W.</param>
    /// <param name="met">Is told the places of a result, of a weight and of a value.</param>
    public static void All(ConvShape shape, int samples, (int H, int W) image, (int H, int W) output, Action<int, int, int> met)
    {
        var (filters, channels, positions, size) = ((int)shape.Filters, (int)shape.Channels, (int)shape.Positions, output.H * output.W);
        for (var nm = 0; nm < samples * filters; nm++)
            for (var o = 0; o < size; o++)
                for (var i = 0; i < channels * positions; i++)
                {
                    var (c, k) = Math.DivRem(i, positions);
                    var h = (o / output.W * shape.Strides.H) + (k / shape.Kernel.W * shape.Dilations.H) - shape.Begin.H;
                    var v = (o % output.W * shape.Strides.W) + (k % shape.Kernel.W * shape.Dilations.W) - shape.Begin.W;
                    if (h < 0 || h >= image.H || v < 0 || v >= image.W) continue;
                    var plane = shape.IsDepthwise ? nm : (nm / filters * channels) + c;
                    met((nm * size) + o, (nm % filters * channels * positions) + i, (((plane * image.H) + (int)h) * image.W) + (int)v);
                }
    }

    /// <summary>The results, one behind the other.</summary>
    public static double[] Results(ConvShape shape, float[] x, int samples, (int H, int W) image, (int H, int W) output, float[] w, float[] bias)
    {
        var size = output.H * output.W;
        var sums = new double[samples * shape.Filters * size];
        for (var i = 0; i < sums.Length; i++) sums[i] = bias[i / size % shape.Filters];
        All(shape, samples, image, output, (result, weight, value) => sums[result] += (double)x[value] * w[weight]);
        return sums;
    }

    /// <summary>Gradients of weights and of biases.</summary>
    public static (double[] Weights, double[] Biases) Gradients(ConvShape shape, float[] x, int samples, (int H, int W) image, float[] g, (int H, int W) output)
    {
        var (weights, biases) = (new double[shape.Filters * shape.Channels * shape.Positions], new double[shape.Filters]);
        All(shape, samples, image, output, (result, weight, value) => weights[weight] += (double)x[value] * g[result]);
        for (var i = 0; i < g.Length; i++) biases[i / (output.H * output.W) % shape.Filters] += g[i];
        return (weights, biases);
    }
}
