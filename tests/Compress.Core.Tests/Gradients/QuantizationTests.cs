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

    private static string Byte(ModelBuilder builder, int value) => builder.Constant(new Tensor(DataType.Uint8, [], [(byte)value]));
}
