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
        var bounds = new ModelBuilder().Input("x", -1, 3);
        var model = Model(bounds, OwnOperators.Quantize, ["x", bounds.Constant(Tensor.Scalar(1f)), bounds.Constant(Tensor.Of([0f, 1f], 2))]);
        using var session = new Session(model, new SessionSettings());

        for (var twice = 0; twice < 2; twice++)
        {
            var error = Assert.Throws<CompressionException>(() => session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1f, 2f, 3f], 1, 3) }));
            Assert.AreEqual("CMP2008", error.Diagnostic.Code);
            Assert.Contains(OwnOperators.Quantize, error.Message);
        }
    }

    [TestMethod]
    public void Values_are_brought_into_blocks_and_back()
    {
        if (ChannelBlock.Size == 1) Assert.Inconclusive("this ONNX Runtime has no blocks of channels");
        var builder = new ModelBuilder().Input("x", -1, 21, 3, 5);
        var inBlocks = builder.Op(OwnOperators.InBlocks, ["x"], node => node.Domain = OwnOperators.Domain);
        var model = Model(builder, "ReorderOutput", [inBlocks], node => node.Set("channels", 21).Domain = ChannelBlock.Domain);
        model.SetOpset(ChannelBlock.Domain, 1);
        var x = builder.Random(1, 2, 21, 3, 5);
        using var session = new Session(model, new SessionSettings());

        CollectionAssert.AreEqual(x.Floats(), session.Run(new Dictionary<string, Tensor> { ["x"] = x }).Values.Single().Floats());
    }

    private static OnnxModel Model(ModelBuilder builder, string op, string[] inputs, Action<Node>? set = null)
    {
        builder.Op(op, inputs, set ?? (node => node.Domain = OwnOperators.Domain));
        var model = builder.Build();
        model.SetOpset(OwnOperators.Domain, 1);
        return model;
    }
}
