using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Gradients;

/// <summary>Straight-through rounding has no central differences: against the formulas of LSQ in double precision.</summary>
[TestClass]
public sealed class QuantizationTests
{
    private const double Step = 0.25;
    private const int Low = -3, High = 4;

    [TestMethod]
    public void Rounding_is_passed_straight_through_and_the_step_has_the_gradient_of_a_learned_step_size()
    {
        var builder = new ModelBuilder().Input("x", -1, 6);
        var (step, zero) = (builder.Constant(Tensor.Scalar((float)Step)), Byte(builder, 70));
        var codes = builder.Op("Clip", [builder.Op("QuantizeLinear", ["x", step, zero]), Byte(builder, 70 + Low), Byte(builder, 70 + High)]);
        builder.Op("DequantizeLinear", [codes, step, zero]);
        var model = builder.Build();
        var output = model.Graph.Outputs[0].Name;
        var x = builder.Random(1, 5, 6);
        var g = builder.Random(1, 5, 6);
        var dims = ObservedShapes.Observe(model, new Dictionary<string, Tensor> { ["x"] = x }).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "g" }, ["x", step]));

        using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
        var results = session.Run(new Dictionary<string, Tensor> { ["x"] = x, ["g"] = g });

        double expected = 0;
        for (var i = 0; i < x.Count; i++)
        {
            var (place, own) = (x.Floats()[i] / Step, (double)g.Floats()[i]);
            var inside = Math.Round(place) is >= Low and <= High;
            expected += own * (inside ? Math.Round(place) - place : Math.Clamp(place, Low, High));
            Assert.AreEqual(inside ? own : 0, results[made.Gradients["x"]].Floats()[i], 1e-6);
        }
        Assert.AreEqual(expected, results[made.Gradients[step]].Floats()[0], 1e-4);
    }

    [TestMethod]
    [DataRow("Relu", 0, double.PositiveInfinity)]
    [DataRow("Clip", 0, 1.5)] // what it stopped counts for the step: 0 in x is nothing, 1.5 is not
    [DataRow("Clip", -0.5, 0.5)]
    public void Behind_a_function_that_stops_values_both_have_their_say(string op, double least, double most)
    {
        var builder = new ModelBuilder().Input("z", -1, 6);
        var stopped = op == "Relu" ? builder.Op(op, ["z"]) : builder.Op(op, ["z", builder.Constant(Tensor.Scalar((float)least)), builder.Constant(Tensor.Scalar((float)most))]);
        var (step, zero) = (builder.Constant(Tensor.Scalar((float)Step)), Byte(builder, 70));
        builder.Op("DequantizeLinear", [builder.Op("Clip", [builder.Op("QuantizeLinear", [stopped, step, zero]), Byte(builder, 70 + Low), Byte(builder, 70 + High)]), step, zero]);
        var (z, g) = (builder.Random(2, 50, 6), builder.Random(1, 50, 6));

        var gradients = Run(builder.Build(), z, g, step);

        double expected = 0;
        for (var i = 0; i < z.Count; i++)
        {
            var (x, own) = (Math.Clamp(z.Floats()[i], (float)least, (float)Math.Min(most, 1e9)), (double)g.Floats()[i]);
            var inside = Math.Round(x / Step) is >= Low and <= High;
            expected += own * (inside ? Math.Round(x / Step) - (x / Step) : Math.Clamp(x / Step, Low, High));
            Assert.AreEqual(inside && z.Floats()[i] > least && z.Floats()[i] < most ? own : 0, gradients["z"][i], 1e-6);
        }
        Assert.AreEqual(expected, gradients[step][0], 1e-3);
    }

    [TestMethod]
    public void A_mask_for_two_is_not_that_of_a_third()
    {
        // Both sums reach the grid through another function: each has to stop for itself.
        var builder = new ModelBuilder().Input("z", -1, 6);
        var sum = builder.Op("Add", [builder.Op("Relu", ["z"]), builder.Op("Relu", [builder.Op("Neg", ["z"])])]);
        var (step, zero) = (builder.Constant(Tensor.Scalar((float)Step)), Byte(builder, 70));
        builder.Op("DequantizeLinear", [builder.Op("Clip", [builder.Op("QuantizeLinear", [builder.Op("Relu", [sum]), step, zero]), Byte(builder, 70), Byte(builder, 90)]), step, zero]);
        var (z, g) = (builder.Random(1, 50, 6), builder.Random(1, 50, 6));

        var gradients = Run(builder.Build(), z, g, step);

        for (var i = 0; i < z.Count; i++) Assert.AreEqual(Math.Sign(z.Floats()[i]) * g.Floats()[i], gradients["z"][i], 1e-6);
    }

    private static Dictionary<string, float[]> Run(OnnxModel model, Tensor z, Tensor g, string step)
    {
        var output = model.Graph.Outputs[0].Name;
        var dims = ObservedShapes.Observe(model, new Dictionary<string, Tensor> { ["z"] = z }).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "g" }, ["z", step]));
        using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
        var results = session.Run(new Dictionary<string, Tensor> { ["z"] = z, ["g"] = g });
        return made.Gradients.ToDictionary(gradient => gradient.Key, gradient => results[gradient.Value].Floats());
    }

    private static string Byte(ModelBuilder builder, int value) => builder.Constant(new Tensor(DataType.Uint8, [], [(byte)value]));
}
