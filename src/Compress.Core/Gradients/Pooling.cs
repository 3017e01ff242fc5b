using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>Pooling over spatial axes.</summary>
internal static class Pooling
{
    public static void GlobalAverage(GradientScope s, Node n)
    {
        var x = n.Inputs[0];
        s.Add(x, s.Op("Expand", [s.Scale(s.Gradient(n.Output)!, 1f / s.Dims(x)[2..].Aggregate(1L, (a, b) => a * b)), s.Op("Shape", [x])]));
    }

    /// <summary>Each output's gradient, divided by the number of positions that it is the mean of, goes to all of them: a transposed convolution with ones, a channel.</summary>
    public static void Average(GradientScope s, Node n)
    {
        var (x, g) = (n.Inputs[0], s.Gradient(n.Output)!);
        var (input, output) = (s.Dims(x), s.Dims(n.Output));
        var window = Window.Of(n, [], input, output) with { Groups = 1 };
        var shares = Shares(n, window, input, output);
        g = s.Mul(g, s.Constant($"share {n.Output}", () => Tensor.Of(shares, [1, 1, .. output[2..]])));
        // Channels as samples: one kernel serves all.
        var flat = s.Reshape(g, [-1, 1, .. output[2..]]);
        var ones = s.Constant($"ones {string.Join('_', window.Kernel)}", () => Tensor.Of([.. Enumerable.Repeat(1f, (int)window.Positions)], [1, 1, .. window.Kernel]));
        s.Add(x, s.ReshapeAs(Convolution.InputGradient(s, flat, ones, [1, 1, .. window.Kernel], window, input, output), x));
    }

    /// <summary>
    /// The gradient goes to the position that was the largest. Windows that tile the input: where input and output are equal (of equal ones, all).
    /// Others: to the index that the operator itself reports, by ScatterElements with addition (opset 18).
    /// </summary>
    public static void Max(GradientScope s, Node n)
    {
        var (x, g) = (n.Inputs[0], s.Gradient(n.Output)!);
        var (input, output) = (s.Dims(x), s.Dims(n.Output));
        var window = Window.Of(n, [], input, output);
        if (Tiles(window, input, output) && window.Axes == 2 && Blocks.Fill(s, input[1]))
        {
            var made = s.Op(OwnOperators.MaxPoolGradient, [Blocks.In(s, x), Blocks.In(s, n.Output), Blocks.In(s, g)], domain: OwnOperators.Domain);
            s.Add(x, Blocks.Out(s, made, input[1]));
            return;
        }
        if (Tiles(window, input, output))
        {
            s.Add(x, s.Where(s.Op("Equal", [x, Spread(s, n.Output, window)]), Spread(s, g, window)));
            return;
        }
        if (n.Int("storage_order") != 0) throw GradientRules.Refuse(n, "its indices are in column order");
        var flat = s.Op("ConstantOfShape", [s.Op("Reshape", [s.Op("Size", [x]), s.List(1)])]);
        var sum = s.Op("ScatterElements", [flat, s.Reshape(s.Output(n, 1), -1), s.Reshape(g, -1)], node => node.Set("axis", 0).Set("reduction", "add"));
        s.Add(x, s.ReshapeAs(sum, x));
    }

    private static bool Tiles(Window window, long[] input, long[] output) => Enumerable.Range(0, window.Axes).All(i =>
        window.Kernel[i] == window.Strides[i] && window.Dilations[i] == 1 && window.Begin[i] == 0 && window.End[i] == 0 && output[i + 2] * window.Kernel[i] == input[i + 2]);

    private static string Spread(GradientScope s, string value, Window window) =>
        s.Op("Resize", [value, "", s.Constant($"scales {string.Join('_', window.Kernel)}", () => Tensor.Of([1, 1, .. window.Kernel.Select(size => (float)size)], window.Axes + 2))], node =>
            node.Set("mode", "nearest").Set("coordinate_transformation_mode", "asymmetric").Set("nearest_mode", "floor"));

    /// <summary>One over the number of input positions that an output is the mean of.</summary>
    private static float[] Shares(Node n, Window window, long[] input, long[] output)
    {
        var includesPads = n.Int("count_include_pad") != 0;
        float[] shares = [1];
        for (var i = 0; i < window.Axes; i++)
        {
            var axis = i;
            var counts = Enumerable.Range(0, (int)output[i + 2]).Select(o =>
            {
                var first = (o * window.Strides[axis]) - window.Begin[axis];
                var (low, high) = includesPads ? (-window.Begin[axis], input[axis + 2] + window.End[axis]) : (0, input[axis + 2]);
                return Enumerable.Range(0, (int)window.Kernel[axis]).Count(k => first + (k * window.Dilations[axis]) is var at && at >= low && at < high);
            }).ToArray();
            shares = [.. shares.SelectMany(share => counts.Select(count => share / count))];
        }
        return shares;
    }
}
