using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Arithmetic with broadcasting, and functions of one number (y is the output, g its gradient).</summary>
internal static class Elementwise
{
    public static void Identity(GradientScope s, Node n) => s.Add(n.Inputs[0], G(s, n));

    public static void Add(GradientScope s, Node n) => Sum(s, n);

    public static void Sum(GradientScope s, Node n)
    {
        foreach (var input in n.Inputs) s.AddBroadcast(input, n.Output, () => G(s, n));
    }

    public static void Sub(GradientScope s, Node n)
    {
        s.AddBroadcast(n.Inputs[0], n.Output, () => G(s, n));
        s.AddBroadcast(n.Inputs[1], n.Output, () => s.Neg(G(s, n)));
    }

    public static void Mul(GradientScope s, Node n)
    {
        s.AddBroadcast(n.Inputs[0], n.Output, () => s.Mul(G(s, n), n.Inputs[1]));
        s.AddBroadcast(n.Inputs[1], n.Output, () => s.Mul(G(s, n), n.Inputs[0]));
    }

    public static void Div(GradientScope s, Node n)
    {
        var quotient = new Lazy<string>(() => s.Op("Div", [G(s, n), n.Inputs[1]]));
        s.AddBroadcast(n.Inputs[0], n.Output, () => quotient.Value);
        s.AddBroadcast(n.Inputs[1], n.Output, () => s.Neg(s.Mul(quotient.Value, n.Output)));
    }

    public static void Pow(GradientScope s, Node n)
    {
        var (x, p) = (n.Inputs[0], n.Inputs[1]);
        var power = new Lazy<string>(() => s.Op("Cast", [p], node => node.Set("to", (long)Onnx.TensorProto.Types.DataType.Float))); // it may be an integer
        static double Exponent(Tensor known) => known.IsFloat ? known.Floats()[0] : known.Integers()[0];
        s.AddBroadcast(x, n.Output, () => s.Constant(p) is { Count: 1 } known && Exponent(known) == 2
            ? s.Mul(G(s, n), s.Scale(x, 2))
            : s.Mul(G(s, n), s.Mul(power.Value, s.Op("Pow", [x, s.Op("Sub", [power.Value, s.Scalar(1)])]))));
        s.AddBroadcast(p, n.Output, () => s.Mul(G(s, n), s.Mul(n.Output, s.Op("Log", [x]))));
    }

    /// <summary>Min and Max: the operand that was taken gets the gradient; equal ones all do.</summary>
    public static void Selected(GradientScope s, Node n)
    {
        foreach (var input in n.Inputs) s.AddBroadcast(input, n.Output, () => s.Where(s.Op("Equal", [input, n.Output]), G(s, n)));
    }

    public static void Where(GradientScope s, Node n)
    {
        s.AddBroadcast(n.Inputs[1], n.Output, () => s.Where(n.Inputs[0], G(s, n)));
        s.AddBroadcast(n.Inputs[2], n.Output, () => s.Op("Where", [n.Inputs[0], s.Scalar(0), G(s, n)]));
    }

    public static void Neg(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Neg(G(s, n)));

    public static void Abs(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Mul(G(s, n), s.Op("Sign", [n.Inputs[0]])));

    public static void Exp(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Mul(G(s, n), n.Output));

    public static void Log(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Op("Div", [G(s, n), n.Inputs[0]]));

    public static void Sqrt(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Op("Div", [s.Scale(G(s, n), 0.5f), n.Output]));

    public static void Reciprocal(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Neg(s.Mul(G(s, n), s.Mul(n.Output, n.Output))));

    /// <summary>2/√π · exp(−x²).</summary>
    public static void Erf(GradientScope s, Node n)
    {
        var bell = s.Op("Exp", [s.Neg(s.Mul(n.Inputs[0], n.Inputs[0]))]);
        s.Add(n.Inputs[0], s.Mul(G(s, n), s.Scale(bell, (float)(2 / Math.Sqrt(Math.PI)))));
    }

    private static string G(GradientScope s, Node n) => s.Gradient(n.Output)!;
}
