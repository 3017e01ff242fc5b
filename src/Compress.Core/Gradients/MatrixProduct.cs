using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Gemm, and MatMul with broadcast stacks: dA = g·Bᵀ, dB = Aᵀ·g.</summary>
internal static class MatrixProduct
{
    public static void Gemm(GradientScope s, Node n)
    {
        var (a, b, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        var (transA, transB, alpha) = (n.Int("transA") != 0, n.Int("transB") != 0, n.Float("alpha", 1));
        if (s.Needs(a)) s.Add(a, transA ? Product(s, b, g, transB, true, alpha) : Product(s, g, b, false, !transB, alpha));
        if (s.Needs(b)) s.Add(b, transB ? Product(s, g, a, true, transA, alpha) : Product(s, a, g, !transA, false, alpha));
        s.AddBroadcast(n.Input(2), n.Output, () => s.Scale(g, n.Float("beta", 1)));
    }

    public static void MatMul(GradientScope s, Node n)
    {
        var (a, b, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        if (s.Rank(a) < 2 || s.Rank(b) < 2) throw GradientRules.Refuse(n, "an operand is a vector");
        if (s.Needs(a)) AddStacked(s, a, n, s.Op("MatMul", [g, Transposed(s, b)]));
        if (!s.Needs(b)) return;
        if (s.Rank(b) == 2 && s.Rank(a) > 2) s.Add(b, Product(s, Rows(s, a), Rows(s, g, s.Dims(n.Output)[^1]), true, false, 1));
        else AddStacked(s, b, n, s.Op("MatMul", [Transposed(s, a), g]));
    }

    /// <summary>alpha · op(A) · op(B) of two matrices.</summary>
    internal static string Product(GradientScope s, string a, string b, bool transA, bool transB, float alpha) => s.Op("Gemm", [a, b], node =>
    {
        if (transA) node.Set("transA", 1);
        if (transB) node.Set("transB", 1);
        if (alpha != 1) node.Set("alpha", alpha);
    });

    private static string Rows(GradientScope s, string value, long? length = null) => s.Reshape(value, -1, length ?? s.Dims(value)[^1]);

    private static string Transposed(GradientScope s, string value)
    {
        var perm = Enumerable.Range(0, s.Rank(value)).Select(axis => (long)axis).ToArray();
        (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        return s.Transpose(value, perm);
    }

    /// <summary>Sums over the stack's axes along which the operand was repeated.</summary>
    private static void AddStacked(GradientScope s, string value, Node n, string gradient)
    {
        var (own, full) = (s.Dims(value), s.Dims(n.Output));
        var missing = full.Length - own.Length;
        var isFixed = s.IsFixed(value) && !s.IsFixed(n.Output);
        long[] axes = [.. Enumerable.Range(0, full.Length - 2).Where(axis => axis < missing || (own[axis - missing] == 1 && (full[axis] != 1 || isFixed))).Select(axis => (long)axis)];
        if (axes.Length > 0) gradient = s.Sum(gradient, keep: true, axes);
        s.Add(value, missing == 0 ? gradient : s.Op("Squeeze", [gradient, s.List([.. Enumerable.Range(0, missing).Select(axis => (long)axis)])]));
    }
}
