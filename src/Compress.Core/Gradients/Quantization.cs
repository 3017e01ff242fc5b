using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>
/// QuantizeLinear → (Clip on the integers) → DequantizeLinear (opset 13) with one scale: rounding is passed straight through where the Clip left the integer alone,
/// and the scale has the gradient of a learned step size (LSQ, arXiv 1902.08153): with y the output and ĝ what passes, ∂L/∂s = (Σ g·y − Σ ĝ·x) / s.
/// </summary>
internal static class Quantization
{
    public static void Dequantize(GradientScope s, Node n)
    {
        var bound = s.Producer(n.Inputs[0]);
        var quantize = bound is { Op: "Clip" } ? s.Producer(bound.Inputs[0]) : bound;
        if (quantize is not { Op: "QuantizeLinear" }) throw GradientRules.Refuse(n, "what it reads is not quantized right before");
        var (x, scale, g) = (quantize.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        var passes = ReferenceEquals(bound, quantize) ? g : s.Where(s.Op("Equal", [bound!.Inputs[0], bound.Output]), g);
        s.Add(x, passes);
        if (!s.Needs(scale)) return;
        if (s.Dims(scale).Length > 0) throw GradientRules.Refuse(n, "it has a scale a channel");
        var difference = s.Op("Sub", [Dot(s, g, n.Output), Dot(s, passes, x)]);
        s.Add(scale, s.Op("Div", [difference, scale]));
    }

    /// <summary>The same for the operator that does all of it, and the function before it. Without a step to learn nothing stops a gradient but that function.</summary>
    public static void Fake(GradientScope s, Node n)
    {
        var (x, step, bounds, g) = (n.Inputs[0], n.Inputs[1], n.Inputs[2], s.Gradient(n.Output)!);
        if (!s.Needs(step) && s.Constant(bounds)!.Floats()[2..] is [float.NegativeInfinity, float.PositiveInfinity])
        {
            s.Add(x, g);
            return;
        }
        string[] read = [s.Output(n, 1), step, bounds, g];
        if (!s.Needs(step))
        {
            s.Add(x, s.Op(OwnOperators.FunctionGradient, read, domain: OwnOperators.Domain));
            return;
        }
        var gradients = s.Outputs(OwnOperators.QuantizeGradient, read, 2, domain: OwnOperators.Domain);
        s.Add(x, gradients[0]);
        s.Add(step, gradients[1]);
    }

    /// <summary>As a product of matrices: one pass over the values, and nothing between is written.</summary>
    private static string Dot(GradientScope s, string a, string b) => s.Reshape(s.Op("Gemm", [s.Reshape(a, 1, -1), s.Reshape(b, 1, -1)], node => node.Set("transB", 1)));
}
