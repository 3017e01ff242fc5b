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
}
