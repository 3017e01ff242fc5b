using Compress.Graph;

namespace Compress.Gradients;

/// <summary>BatchNormalization with its running statistics (inference form), and LayerNormalization.</summary>
internal static class Normalization
{
    /// <summary>y = (x − mean)·scale/√(var + ε) + bias, per channel (axis 1).</summary>
    public static void Batch(GradientScope s, Node n)
    {
        var (x, scale, bias, mean, variance) = (n.Inputs[0], n.Inputs[1], n.Inputs[2], n.Inputs[3], n.Inputs[4]);
        var g = s.Gradient(n.Output)!;
        var rank = s.Rank(x);
        long[] column = [-1, .. Enumerable.Repeat(1L, rank - 2)];
        long[] others = [0, .. Enumerable.Range(2, rank - 2).Select(axis => (long)axis)];
        var inverse = s.Op("Reciprocal", [s.Op("Sqrt", [s.Op("Add", [variance, s.Scalar(n.Float("epsilon", 1e-5f))])])]);
        var factor = s.Mul(scale, inverse);
        if (s.Needs(x)) s.Add(x, s.Mul(g, s.Reshape(factor, column)));
        if (!s.Needs(scale) && !s.Needs(bias) && !s.Needs(mean) && !s.Needs(variance)) return;

        var sum = s.Sum(g, keep: false, others);
        s.Add(bias, sum);
        if (s.Needs(mean)) s.Add(mean, s.Neg(s.Mul(sum, factor)));
        if (!s.Needs(scale) && !s.Needs(variance)) return;
        var centred = s.Sum(s.Mul(g, s.Op("Sub", [x, s.Reshape(mean, column)])), keep: false, others);
        s.Add(scale, s.Mul(centred, inverse));
        if (s.Needs(variance)) s.Add(variance, s.Scale(s.Mul(s.Mul(centred, factor), s.Mul(inverse, inverse)), -0.5f));
    }

    /// <summary>With x̂ the normalized input and ĝ = g·scale: dx = (ĝ − mean ĝ − x̂·mean(ĝ·x̂))·inverse deviation, over the normalized axes.</summary>
    public static void Layer(GradientScope s, Node n)
    {
        var (x, scale, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        if (n.Outputs.Skip(1).Any(output => output.Length > 0 && s.Gradient(output) is not null)) throw GradientRules.Refuse(n, "its mean or deviation is used");
        var first = (int)n.Int("axis", -1);
        long[] axes = [.. Enumerable.Range(first < 0 ? first + s.Rank(x) : first, first < 0 ? -first : s.Rank(x) - first).Select(axis => (long)axis)];
        var inverse = s.Output(n, 2);
        var normalized = s.Mul(s.Op("Sub", [x, s.Output(n, 1)]), inverse);
        s.AddBroadcast(n.Input(2), n.Output, () => g);
        s.AddBroadcast(scale, n.Output, () => s.Mul(g, normalized));
        if (!s.Needs(x)) return;
        var scaled = s.Mul(g, scale);
        var slope = s.Mul(normalized, Mean(s, s.Mul(scaled, normalized), axes));
        s.Add(x, s.Mul(s.Op("Sub", [s.Op("Sub", [scaled, Mean(s, scaled, axes)]), slope]), inverse));
    }

    private static string Mean(GradientScope s, string value, long[] axes) => s.Op("ReduceMean", [value, s.List(axes)]);
}
