using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Activation functions (x input, y output, g gradient of y). Where a function has a kink, one of its sides counts.</summary>
internal static class Activations
{
    public static void Relu(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Where(Positive(s, n.Output), G(s, n)));

    /// <summary>Where clipping left the value alone.</summary>
    public static void Clip(GradientScope s, Node n)
    {
        if (s.Needs(n.Input(1)) || s.Needs(n.Input(2))) throw GradientRules.Refuse(n, "its bounds are learned");
        s.Add(n.Inputs[0], s.Where(s.Op("Equal", [n.Inputs[0], n.Output]), G(s, n)));
    }

    public static void LeakyRelu(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Op("Where", [Positive(s, n.Inputs[0]), G(s, n), s.Scale(G(s, n), n.Float("alpha", 0.01f))]));

    public static void PRelu(GradientScope s, Node n)
    {
        var (x, slope) = (n.Inputs[0], n.Inputs[1]);
        s.AddBroadcast(x, n.Output, () => s.Op("Where", [Positive(s, x), G(s, n), s.Mul(G(s, n), slope)]));
        s.AddBroadcast(slope, n.Output, () => s.Mul(G(s, n), s.Op("Min", [x, s.Scalar(0)])));
    }

    /// <summary>For x &lt; 0: y = α(eˣ − 1), so y′ = y + α.</summary>
    public static void Elu(GradientScope s, Node n)
    {
        var below = s.Mul(G(s, n), s.Op("Add", [n.Output, s.Scalar(n.Float("alpha", 1))]));
        s.Add(n.Inputs[0], s.Op("Where", [Positive(s, n.Inputs[0]), G(s, n), below]));
    }

    /// <summary>y(1 − y).</summary>
    public static void Sigmoid(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Mul(G(s, n), s.Mul(n.Output, OneMinus(s, n.Output))));

    /// <summary>1 − y².</summary>
    public static void Tanh(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Mul(G(s, n), OneMinus(s, s.Mul(n.Output, n.Output))));

    public static void Softplus(GradientScope s, Node n) => s.Add(n.Inputs[0], s.Mul(G(s, n), s.Op("Sigmoid", [n.Inputs[0]])));

    /// <summary>α where 0 &lt; y &lt; 1.</summary>
    public static void HardSigmoid(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Where(Inside(s, n.Output, 0, 1), s.Scale(G(s, n), n.Float("alpha", 0.2f))));

    /// <summary>y = x·h with h = clip(x/6 + ½): y′ = h + x/6 where |x| &lt; 3, h elsewhere.</summary>
    public static void HardSwish(GradientScope s, Node n)
    {
        var x = n.Inputs[0];
        var gate = s.Op("HardSigmoid", [x], node => node.Set("alpha", 1f / 6).Set("beta", 0.5f));
        var slope = s.Op("Add", [gate, s.Where(Inside(s, x, -3, 3), s.Scale(x, 1f / 6))]);
        s.Add(x, s.Mul(G(s, n), slope));
    }

    /// <summary>Gelu (opset 20): Φ(x) + x·φ(x); with approximate = tanh the derivative of ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³).</summary>
    public static void Gelu(GradientScope s, Node n)
    {
        var x = n.Inputs[0];
        var square = s.Mul(x, x);
        if (n.Text("approximate", "none") == "tanh")
        {
            var c = (float)Math.Sqrt(2 / Math.PI);
            var tanh = s.Op("Tanh", [s.Mul(x, s.Op("Add", [s.Scale(square, 0.044715f * c), s.Scalar(c)]))]);
            var inner = s.Op("Add", [s.Scale(square, 3 * 0.044715f * c), s.Scalar(c)]); // u′
            var rising = s.Mul(s.Mul(x, inner), OneMinus(s, s.Mul(tanh, tanh)));
            s.Add(x, s.Mul(G(s, n), s.Scale(s.Op("Add", [s.Op("Add", [tanh, s.Scalar(1)]), rising]), 0.5f)));
            return;
        }
        var share = s.Scale(s.Op("Add", [s.Op("Erf", [s.Scale(x, (float)Math.Sqrt(0.5))]), s.Scalar(1)]), 0.5f);
        var bell = s.Mul(x, s.Scale(s.Op("Exp", [s.Scale(square, -0.5f)]), (float)(1 / Math.Sqrt(2 * Math.PI))));
        s.Add(x, s.Mul(G(s, n), s.Op("Add", [share, bell])));
    }

    /// <summary>y·(g − Σ g·y) along the axis.</summary>
    public static void Softmax(GradientScope s, Node n)
    {
        var weighted = s.Mul(G(s, n), n.Output);
        var sum = s.Sum(weighted, keep: true, n.Int("axis", -1));
        s.Add(n.Inputs[0], s.Op("Sub", [weighted, s.Mul(n.Output, sum)]));
    }

    /// <summary>g − softmax(x)·Σ g along the axis.</summary>
    public static void LogSoftmax(GradientScope s, Node n)
    {
        var sum = s.Sum(G(s, n), keep: true, n.Int("axis", -1));
        s.Add(n.Inputs[0], s.Op("Sub", [G(s, n), s.Mul(s.Op("Exp", [n.Output]), sum)]));
    }

    private static string Positive(GradientScope s, string value) => s.Op("Greater", [value, s.Scalar(0)]);

    private static string Inside(GradientScope s, string value, float low, float high) =>
        s.Op("And", [s.Op("Greater", [value, s.Scalar(low)]), s.Op("Less", [value, s.Scalar(high)])]);

    private static string OneMinus(GradientScope s, string value) => s.Op("Sub", [s.Scalar(1), value]);

    private static string G(GradientScope s, Node n) => s.Gradient(n.Output)!;
}
