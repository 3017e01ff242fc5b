using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Reductions (opset 13 or 18: axes as an input): the gradient is spread over what was reduced.</summary>
internal static class Reduction
{
    public static void Sum(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Op("Expand", [Kept(s, n, s.Gradient(n.Output)!), s.Op("Shape", [n.Inputs[0]])]));

    public static void Mean(GradientScope s, Node n)
    {
        var x = n.Inputs[0];
        var axes = Axes(s, n);
        var g = Kept(s, n, s.Gradient(n.Output)!);
        // The batch may be of another size when the graph runs.
        var mean = axes.Contains(0) && !s.IsFixed(x)
            ? s.Op("Div", [g, s.Op("Cast", [s.Op("Div", [s.Op("Size", [x]), s.Op("Size", [n.Output])])], node => node.Set("to", 1))])
            : s.Scale(g, 1f / axes.Aggregate(1L, (count, axis) => count * s.Dims(x)[axis]));
        s.Add(x, s.Op("Expand", [mean, s.Op("Shape", [x])]));
    }

    public static void SumSquare(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Mul(n.Inputs[0], s.Scale(Kept(s, n, s.Gradient(n.Output)!), 2)));

    /// <summary>x/‖x‖.</summary>
    public static void L2(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Mul(n.Inputs[0], Kept(s, n, s.Op("Div", [s.Gradient(n.Output)!, n.Output]))));

    private static long[] Axes(GradientScope s, Node n)
    {
        var rank = s.Rank(n.Inputs[0]);
        var axes = n.Input(1).Length == 0 ? [] : (s.Constant(n.Input(1)) ?? throw GradientRules.Refuse(n, "its axes are computed")).Integers();
        if (axes.Length == 0) return n.Int("noop_with_empty_axes") != 0 ? [] : [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        return [.. axes.Select(axis => axis < 0 ? axis + rank : axis).Order()];
    }

    /// <summary>With the reduced axes as axes of length 1.</summary>
    private static string Kept(GradientScope s, Node n, string value) =>
        n.Int("keepdims", 1) != 0 || Axes(s, n) is not { Length: > 0 } axes ? value : s.Op("Unsqueeze", [value, s.List(axes)]);
}
