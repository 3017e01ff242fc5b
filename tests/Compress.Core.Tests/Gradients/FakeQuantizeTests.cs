using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Gradients;

/// <summary>The operator that puts values on a grid gives what the ordinary ones give, and so does its gradient.</summary>
[TestClass]
public sealed class FakeQuantizeTests
{
    private const float Step = 0.3f;
    private const int Middle = 64;

    [TestMethod]
    [DataRow("", 0f, 0f, -3, 4)]
    [DataRow("Relu", 0f, float.PositiveInfinity, 0, 7)]
    [DataRow("Clip", 0f, 1.5f, -2, 9)] // stopped inside the grid
    [DataRow("Clip", -0.5f, 0.5f, 0, 1)]
    public void One_operator_does_what_ordinary_ones_do(string function, float from, float to, int low, int high)
    {
        Assert.IsTrue(OwnOperators.AreThere);
        // Numbers that no vector divides, halves of a step among them: but for those right between the last code and none, where either may be the gradient.
        var (z, g) = (new ModelBuilder(3).Random(2, 37, 7), new ModelBuilder(4).Random(1, 37, 7));
        for (var i = 0; i < 20; i++) z.Floats()[i] = i - 10.5f == low - 0.5f || i - 10.5f == high + 0.5f ? Step : (i - 10.5f) * Step;

        var ordinary = Run(z, g, builder =>
        {
            string Number(float value) => builder.Constant(Tensor.Scalar(value));
            string Byte(int value) => builder.Constant(new Tensor(DataType.Uint8, [], [(byte)value]));
            var stopped = function switch { "" => "z", "Relu" => builder.Op("Relu", ["z"]), _ => builder.Op("Clip", ["z", Number(from), Number(to)]) };
            var zero = Byte(Middle);
            var codes = builder.Op("Clip", [builder.Op("QuantizeLinear", [stopped, "step", zero]), Byte(Middle + low), Byte(Middle + high)]);
            builder.Op("DequantizeLinear", [codes, "step", zero]);
        });
        var own = Run(z, g, builder =>
        {
            var (least, most) = function.Length == 0 ? (float.NegativeInfinity, float.PositiveInfinity) : (from, to);
            builder.Op(OwnOperators.Quantize, ["z", "step", builder.Constant(Tensor.Of([low, high, least, most], 4))], node => node.Domain = OwnOperators.Domain);
        });

        CollectionAssert.AreEqual(ordinary.Output, own.Output);
        CollectionAssert.AreEqual(ordinary.Gradients["z"], own.Gradients["z"]);
        Assert.AreEqual(ordinary.Gradients["step"][0], own.Gradients["step"][0], 1e-4f * g.Count);
    }

    [TestMethod]
    public void Where_no_step_is_learned_only_the_function_before_stops_a_gradient()
    {
        var (z, g) = (new ModelBuilder(3).Random(2, 37, 7), new ModelBuilder(4).Random(1, 37, 7));
        float[] Gradient(params float[] bounds) =>
            Run(z, g, builder => builder.Op(OwnOperators.Quantize, ["z", "step", builder.Constant(Tensor.Of(bounds, 4))], node => node.Domain = OwnOperators.Domain), "z").Gradients["z"];

        CollectionAssert.AreEqual(g.Floats(), Gradient(-1, 1, float.NegativeInfinity, float.PositiveInfinity));
        CollectionAssert.AreEqual(g.Floats().Zip(z.Floats(), (own, x) => x > 0 ? own : 0).ToArray(), Gradient(-1, 1, 0, float.PositiveInfinity));
    }

    private static (float[] Output, Dictionary<string, float[]> Gradients) Run(Tensor z, Tensor g, Action<ModelBuilder> write, params string[] wanted)
    {
        var builder = new ModelBuilder().Input("z", -1, 7);
        builder.Graph.Constants["step"] = Tensor.Scalar(Step);
        write(builder);
        var model = builder.Build();
        model.SetOpset(OwnOperators.Domain, 1);
        var output = model.Graph.Outputs[0].Name;
        var dims = ObservedShapes.Observe(model, new Dictionary<string, Tensor> { ["z"] = z }).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "g" }, wanted.Length > 0 ? wanted : ["z", "step"]) { Forward = [output] });
        using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
        var results = session.Run(new Dictionary<string, Tensor> { ["z"] = z, ["g"] = g });
        return (results[output].Floats(), made.Gradients.ToDictionary(gradient => gradient.Key, gradient => results[gradient.Value].Floats()));
    }
}
