using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>
/// Conv and ConvTranspose of any rank, stride, dilation, padding and grouping. The input gradient of a convolution of stride 1 is a convolution with
/// flipped weights, otherwise a transposed convolution; the weight gradient is a matrix product over shifted slices of the input: each was the fastest form that ONNX Runtime
/// has on a CPU. Where convolutions run in blocks of channels see <see cref="ConvolutionInBlocks"/>.
/// </summary>
internal static class Convolution
{
    /// <summary>Up to so many input channels a product for every kernel offset measured faster than one product of all.</summary>
    private const int FewChannels = 32;

    public static void Conv(GradientScope s, Node n)
    {
        var (x, w, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        var window = Window.Of(n, s.Dims(w)[2..], s.Dims(x), s.Dims(n.Output));
        if (s.Needs(x)) s.Add(x, ConvolutionInBlocks.Input(s, x, s.Dims(x), g, w, s.Dims(n.Output), window, s.Dims(w)) ?? InputGradient(s, g, w, s.Dims(w), window, s.Dims(x), s.Dims(n.Output)));
        if (s.Needs(w) && ConvolutionInBlocks.Weights(s, x, s.Dims(x), g, s.Dims(n.Output), window, s.Dims(w)) is { } made)
        {
            s.Add(w, made.Weights);
            s.Add(n.Input(2), made.Biases);
            return;
        }
        if (s.Needs(w)) s.Add(w, WeightGradient(s, x, s.Dims(x), g, s.Dims(n.Output), window, s.Dims(w)));
        Bias(s, n, g);
    }

    /// <summary>y = ConvTranspose(x, w) is the input gradient of a convolution; so its own is that convolution, with the same weights.</summary>
    public static void ConvTranspose(GradientScope s, Node n)
    {
        var (x, w, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        var window = Window.OfTransposed(n, s.Dims(w)[2..], s.Dims(x), s.Dims(n.Output));
        if (s.Needs(x)) s.Add(x, s.Op("Conv", [g, w], node => Write(node, window, window.Pads)));
        if (s.Needs(w))
            s.Add(w, ConvolutionInBlocks.Weights(s, g, s.Dims(n.Output), x, s.Dims(x), window, s.Dims(w))?.Weights ?? WeightGradient(s, g, s.Dims(n.Output), x, s.Dims(x), window, s.Dims(w)));
        Bias(s, n, g);
    }

    /// <summary>What a convolution with weights [M, C/G, …] gives back to its input, from the gradient of its output.</summary>
    public static string InputGradient(GradientScope s, string g, string w, long[] weight, Window window, long[] input, long[] output)
    {
        long[] begin = [.. Enumerable.Range(0, window.Axes).Select(i => window.Extent(i) - 1 - window.Begin[i])];
        long[] end = [.. Enumerable.Range(0, window.Axes).Select(i => input[i + 2] - output[i + 2] + window.Extent(i) - 1 - begin[i])];
        if (window.IsDense && begin.Concat(end).All(pad => pad >= 0))
            return s.Op("Conv", [g, Turned(s, w, weight, window)], node => Write(node, window, [.. begin, .. end]));

        var (pads, extra) = (window.Pads, new long[window.Axes]);
        for (var i = 0; i < window.Axes; i++)
        {
            var missing = input[i + 2] - ((window.Strides[i] * (output[i + 2] - 1)) + window.Extent(i) - pads[i] - pads[window.Axes + i]);
            if (missing >= 0) extra[i] = missing;
            else pads[window.Axes + i] -= missing; // windows that begin inside may end beyond the pads (ceil_mode)
        }
        return s.Op("ConvTranspose", [g, w], node =>
        {
            Write(node, window, pads);
            if (extra.Any(size => size > 0)) node.Set("output_padding", extra);
        });
    }

    /// <summary>
    /// Gradient of weights [M, C/G, k…] from the side that the kernel moves over (C channels) and the other (M channels): for every kernel offset the
    /// strided slice of the input that it meets, multiplied with the other side and summed over samples and positions. Few channels: a product an
    /// offset; many: one product of all slices under each other; a channel a group: no product at all.
    /// </summary>
    private static string WeightGradient(GradientScope s, string x, long[] input, string g, long[] output, Window window, long[] weight)
    {
        long[] last = [0, .. Enumerable.Range(2, window.Axes).Select(axis => (long)axis)], swap = [1, .. last];
        var isDepthwise = window.Groups == input[1] && window.Groups == output[1];
        var pads = Fitted(window, input, output);
        var source = isDepthwise ? x : s.Transpose(x, swap);
        if (pads.Any(pad => pad != 0)) source = s.Op("Pad", [source, s.List([0, 0, .. pads[..window.Axes], 0, 0, .. pads[window.Axes..]])]);
        var slices = Offsets(window).Select(offset => Shifted(s, source, offset, window, output));
        if (isDepthwise)
            return s.Reshape(Stacked(s, 1, slices.Select(slice => s.Reshape(s.Sum(s.Mul(slice, g), keep: false, last), -1, 1))), weight);

        long[] order = [window.Positions, input[1] / window.Groups, output[1]];
        if (window.Groups == 1 && (input[1] <= FewChannels || window.Positions == 1))
        {
            var columns = s.Reshape(s.Transpose(g, [.. last, 1]), -1, output[1]);
            var product = Stacked(s, 0, slices.Select(slice => MatrixProduct.Product(s, s.Reshape(slice, input[1], -1), columns, false, false, 1)));
            return s.Reshape(s.Transpose(s.Reshape(product, order), 2, 1, 0), weight);
        }
        var rows = Stacked(s, 1, slices.Select(slice => s.Reshape(slice, window.Groups, input[1] / window.Groups, -1)));
        var other = s.Reshape(s.Transpose(g, swap), window.Groups, output[1] / window.Groups, -1);
        var all = window.Groups == 1
            ? MatrixProduct.Product(s, s.Reshape(other, output[1], -1), s.Reshape(rows, window.Positions * input[1], -1), false, true, 1)
            : s.Op("MatMul", [other, s.Transpose(rows, 0, 2, 1)]);
        return s.Reshape(s.Transpose(s.Reshape(all, output[1], order[0], order[1]), 0, 2, 1), weight);
    }

    private static string Stacked(GradientScope s, long axis, IEnumerable<string> parts)
    {
        string[] all = [.. parts];
        return all.Length == 1 ? all[0] : s.Op("Concat", all, node => node.Set("axis", axis));
    }

    /// <summary>Pads with the end such that exactly the windows of the output fit: what no window reads is cut off, what the last one lacks is added.</summary>
    private static long[] Fitted(Window window, long[] input, long[] output) =>
        [.. window.Begin, .. Enumerable.Range(0, window.Axes).Select(i => ((output[i + 2] - 1) * window.Strides[i]) + window.Extent(i) - input[i + 2] - window.Begin[i])];

    private static string Shifted(GradientScope s, string source, long[] offset, Window window, long[] output)
    {
        if (window.Positions == 1 && window.IsDense) return source;
        var axes = Enumerable.Range(0, window.Axes).ToArray();
        var starts = s.List([.. axes.Select(i => offset[i] * window.Dilations[i])]);
        var ends = s.List([.. axes.Select(i => (offset[i] * window.Dilations[i]) + ((output[i + 2] - 1) * window.Strides[i]) + 1)]);
        return s.Op("Slice", [source, starts, ends, s.List([.. axes.Select(i => i + 2L)]), s.List(window.Strides)]);
    }

    /// <summary>Every position of the kernel, the last axis fastest.</summary>
    private static IEnumerable<long[]> Offsets(Window window) =>
        window.Kernel.Aggregate<long, IEnumerable<long[]>>([[]], (heads, size) => heads.SelectMany(head => Enumerable.Range(0, (int)size).Select(i => (long[])[.. head, i])));

    /// <summary>[M, C/G, …] → [C, M/G, …], the kernel turned round.</summary>
    private static string Turned(GradientScope s, string w, long[] weight, Window window) => s.Block is not null && window is { Axes: 2, Groups: 1 }
        ? s.Op(OwnOperators.TurnWeights, [w], domain: OwnOperators.Domain)
        : Flipped(s, Swapped(s, w, weight, window.Groups), window);

    /// <summary>[M, C/G, …] → [C, M/G, …].</summary>
    private static string Swapped(GradientScope s, string w, long[] weight, long groups)
    {
        long[] rest = weight[2..], spatial = [.. Enumerable.Range(0, rest.Length).Select(axis => (long)axis)];
        if (groups == 1) return s.Transpose(w, [1, 0, .. spatial.Select(axis => axis + 2)]);
        if (weight[1] == 1 && weight[0] == groups) return w; // one channel a group on both sides
        var grouped = s.Transpose(s.Reshape(w, [groups, weight[0] / groups, weight[1], .. rest]), [0, 2, 1, .. spatial.Select(axis => axis + 3)]);
        return s.Reshape(grouped, [groups * weight[1], weight[0] / groups, .. rest]);
    }

    private static string Flipped(GradientScope s, string w, Window window)
    {
        long[] axes = [.. Enumerable.Range(0, window.Axes).Where(i => window.Kernel[i] > 1).Select(i => i + 2L)];
        if (axes.Length == 0) return w;
        string List(long value) => s.List([.. axes.Select(_ => value)]);
        return s.Op("Slice", [w, List(-1), List(long.MinValue), s.List(axes), List(-1)]);
    }

    private static void Bias(GradientScope s, Node n, string g)
    {
        if (s.Needs(n.Input(2))) s.Add(n.Inputs[2], s.Sum(g, keep: false, [0, .. Enumerable.Range(2, s.Rank(n.Output) - 2).Select(axis => (long)axis)]));
    }

    private static void Write(Node node, Window window, long[] pads)
    {
        node.Set("kernel_shape", window.Kernel).Set("strides", window.Strides).Set("dilations", window.Dilations).Set("pads", pads);
        if (window.Groups > 1) node.Set("group", window.Groups);
    }
}
