using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Gradients;

[TestClass]
public sealed class ElementwiseTests
{
    [TestMethod]
    [DataRow("Add")]
    [DataRow("Sub")]
    [DataRow("Mul")]
    [DataRow("Div")]
    [DataRow("Sum")]
    [DataRow("Min")]
    [DataRow("Max")]
    public void Arithmetic_with_broadcast(string op)
    {
        foreach (var dims in (long[][])[[3], [1, 2, 1], [1, 1, 3], [2, 1], []])
        {
            var builder = new ModelBuilder().Input("x", -1, 2, 3);
            var c = builder.Constant(Tensor.Of([.. builder.Random(1, dims).Floats().Select(x => op == "Div" ? x + (x < 0 ? -1 : 1) : x / 2)], dims));
            if (op is not ("Min" or "Max" or "Sum") || dims is not [2, 1]) builder.Op(op, ["x", c]);
            else builder.Op(op, [c, "x", builder.Constant(builder.Random(1, 2, 3))]);

            GradientCheck.InDouble(builder, "x", c);
        }
    }

    [TestMethod]
    public void A_value_that_is_used_several_times()
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        var square = builder.Op("Mul", ["x", "x"]);
        builder.Op("Add", [builder.Op("Mul", [square, "x"]), builder.Op("Sub", [square, "x"])]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void Two_activations_of_different_shape()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3, 3).Input("gate", -1, 2, 1, 1);
        builder.Op("Mul", ["x", "gate"]);

        GradientCheck.InDouble(builder, "x", "gate");
    }

    [TestMethod]
    public void Pow()
    {
        foreach (var power in (float[])[2, 3, 0.5f])
        {
            var builder = new ModelBuilder().Input("x", -1, 4);
            var p = builder.Constant(Tensor.Scalar(power));
            builder.Op("Pow", [builder.Op("Exp", ["x"]), p]);

            GradientCheck.InDouble(builder, "x", p);
        }
    }

    [TestMethod]
    [DataRow(2L)]
    [DataRow(3L)]
    public void Pow_of_a_whole_number(long power)
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        builder.Op("Pow", ["x", builder.Constant(Tensor.List(power))]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    [DataRow("Abs")]
    [DataRow("Exp")]
    [DataRow("Identity")]
    [DataRow("Neg")]
    [DataRow("Relu")]
    [DataRow("Reciprocal")]
    [DataRow("Sigmoid")]
    [DataRow("Tanh")]
    public void Function_of_one_number(string op)
    {
        var builder = new ModelBuilder().Input("x", -1, 7);
        builder.Op(op, ["x"]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    [DataRow("Log")]
    [DataRow("Sqrt")]
    public void Function_of_one_positive_number(string op)
    {
        var builder = new ModelBuilder().Input("x", -1, 5);
        builder.Op(op, [builder.Op("Exp", ["x"])]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void Functions_without_double_kernels()
    {
        Function("Erf", _ => { }, Erf, width: 1);
        Function("Gelu", _ => { }, x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))), width: 1);
        Function("Gelu", node => node.Set("approximate", "tanh"), x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))));
        Function("HardSigmoid", node => node.Set("alpha", 0.3f).Set("beta", 0.4f), x => Math.Clamp((0.3f * x) + 0.4f, 0, 1));
        Function("HardSwish", _ => { }, x => x * Math.Clamp((x / 6) + 0.5, 0, 1));
        Function("LeakyRelu", node => node.Set("alpha", 0.2f), x => x > 0 ? x : 0.2f * x);
        Function("Elu", node => node.Set("alpha", 1.5f), x => x > 0 ? x : 1.5 * (Math.Exp(x) - 1));
        Function("Softplus", _ => { }, x => Math.Log(1 + Math.Exp(x)));
    }

    [TestMethod]
    public void PRelu()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2);
        var slope = builder.Constant(builder.Random(1, 3, 1));
        builder.Op("PRelu", ["x", slope]);

        GradientCheck.Reference(builder, feed => [.. feed["x"].Values.Select((x, i) => x > 0 ? x : x * feed[slope].Values[i / 2 % 3])], "x", slope);
    }

    [TestMethod]
    public void Clip()
    {
        var builder = new ModelBuilder().Input("x", -1, 9);
        builder.Op("Clip", ["x", builder.Constant(Tensor.Scalar(-0.5f)), builder.Constant(Tensor.Scalar(0.7f))]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void Where()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3);
        var c = builder.Constant(builder.Random(1, 3));
        builder.Op("Where", [builder.Op("Greater", ["x", builder.Constant(Tensor.Scalar(0.1f))]), "x", c]);

        GradientCheck.InDouble(builder, "x", c);
    }

    [TestMethod]
    public void Softmax_along_each_axis()
    {
        foreach (var op in (string[])["Softmax", "LogSoftmax"])
            foreach (var axis in (int[])[1, 2, -1])
            {
                var builder = new ModelBuilder().Input("x", -1, 3, 2);
                builder.Op(op, ["x"], node => node.Set("axis", axis));

                GradientCheck.InDouble(builder, "x");
            }
    }

    private static void Function(string op, Action<Node> set, Func<double, double> function, float width = 2)
    {
        var builder = new ModelBuilder().Input("x", -1, 11);
        builder.Op(op, [builder.Op("Mul", ["x", builder.Constant(Tensor.Scalar(width))])], set);

        GradientCheck.Function(builder, x => function(width * x));
    }

    /// <summary>2/√π · Σ (−1)ᵏ x²ᵏ⁺¹ / (k!(2k + 1)); loses digits for large x.</summary>
    private static double Erf(double x)
    {
        var (sum, term) = (0.0, x);
        for (var k = 0; k < 120; k++)
        {
            sum += term / ((2 * k) + 1);
            term *= -x * x / (k + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
