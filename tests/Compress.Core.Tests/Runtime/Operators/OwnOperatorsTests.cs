using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>ONNX Runtime calls operators of our own, and what goes wrong in them is an error of the run.</summary>
[TestClass]
public sealed class OwnOperatorsTests
{
    [TestMethod]
    public void A_failure_in_a_kernel_ends_the_run_and_not_the_process()
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        var fewBounds = builder.Constant(Tensor.Of([0f, 1f], 2));
        builder.Op(OwnOperators.Quantize, ["x", builder.Constant(Tensor.Scalar(1f)), fewBounds], node => node.Domain = OwnOperators.Domain);
        var model = builder.Build();
        model.SetOpset(OwnOperators.Domain, 1);
        using var session = new Session(model, new SessionSettings());

        for (var twice = 0; twice < 2; twice++)
        {
            var error = Assert.Throws<CompressionException>(() => session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1f, 2f, 3f], 1, 3) }));
            Assert.AreEqual("CMP2008", error.Diagnostic.Code);
            Assert.Contains(OwnOperators.Quantize, error.Message);
        }
    }

    /// <summary>A gradient is written over where nobody else reads it, and only there.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_gradient_that_others_read_stays_as_it_was(bool isRead)
    {
        const int Count = 40;
        var builder = new ModelBuilder(3).Input("x", -1, Count);
        builder.Graph.Inputs[0].Type.TensorType.Shape.Dim[0].DimParam = "samples";
        var gradient = builder.Op("Mul", ["x", builder.Constant(Tensor.Scalar(3f))]);
        var node = new Node(OwnOperators.QuantizeGradient, ["x", builder.Constant(Tensor.Scalar(0.1f)), builder.Constant(Tensor.Of([0, 15, 0, 6f], 4)), gradient], ["passed", "step"], "", OwnOperators.Domain);
        builder.Graph.Nodes.Add(node);
        builder.Op("Add", ["passed", isRead ? gradient : "x"]);
        var model = builder.Build();
        model.SetOpset(OwnOperators.Domain, 1);
        using var session = new Session(model, new SessionSettings());
        var x = new ModelBuilder(4).Random(1, 2, Count);

        var result = session.Run(new Dictionary<string, Tensor> { ["x"] = x }).Values.Single().Floats();

        var expected = Array.ConvertAll(x.Floats(), value => (value > 0 && MathF.Round(value / 0.1f) <= 15 ? 3 * value : 0) + (isRead ? 3 * value : value));
        for (var i = 0; i < result.Length; i++) Assert.AreEqual(expected[i], result[i], 1e-5);
    }
}
