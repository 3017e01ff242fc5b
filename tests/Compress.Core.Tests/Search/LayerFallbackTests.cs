using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Search;

/// <summary>Layers that integers or few bits ruin go back to float, and only those; a gate is met before anything is given up.</summary>
[TestClass]
public sealed class LayerFallbackTests
{
    private const string Strict = "accuracy: { data: validation.npy, metric: cosine, min: 0.995 }";

    [TestMethod]
    public void A_layer_whose_input_no_grid_of_8_bits_holds_leaves_integer_arithmetic_alone()
    {
        using var job = new SmallJob(SmallJob.Samples, Strict, "prune: none");
        job.SetModel(WithWideInput());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);

        var layers = job.Report().Layers;
        Assert.AreEqual("", job.Heard.Codes);
        Assert.AreEqual("integers cost too much accuracy or time: only its weights are stored in fewer bits", layers[^1].Reason);
        Assert.IsTrue(layers.SkipLast(1).All(layer => layer is { ActivationBits: not null, Reason: null }), string.Join(", ", layers));
        Assert.IsTrue(job.Run(locked: true).Passed);
        Assert.AreEqual("", job.Heard.Codes);
    }

    [TestMethod]
    public void A_value_whose_range_changes_from_sample_to_sample_gets_it_as_the_model_runs_and_integers_stay()
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.999 }", "prune: none");
        job.SetModel(WithChangingRange());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);

        var layers = job.Report().Layers;
        Assert.AreEqual("", job.Heard.Codes);
        Assert.AreEqual("8, 8 dynamic", string.Join(", ", layers.Select(layer => $"{layer.ActivationBits} {layer.Ranges}".TrimEnd())));
        CollectionAssert.AreEqual(new[] { "DynamicQuantizeLinear" }, OnnxReader.Read(job.Output).Graph.Nodes.Select(node => node.Op).Where(op => op.StartsWith("Dynamic", StringComparison.Ordinal)).ToArray());
        Assert.IsTrue(job.Run(locked: true).Passed);
        Assert.AreEqual("", job.Heard.Codes);

        job.SetPolicy(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.999 }", "prune: none", "quantize: { ranges: static }");
        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        Assert.IsNull(job.Report().Layers[^1].ActivationBits);
    }

    [TestMethod]
    public void A_layer_whose_weights_no_grid_of_8_bits_holds_keeps_them_and_the_others_do_not()
    {
        using var job = new SmallJob(SmallJob.Samples, Strict, "prune: none");
        job.SetModel(WithWideWeights());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);

        var layers = job.Report().Layers;
        Assert.AreEqual("", job.Heard.Codes);
        Assert.AreEqual((null, "fewer bits cost too much accuracy"), (layers[^1].WeightBits, layers[^1].Reason));
        Assert.IsTrue(layers.SkipLast(1).All(layer => layer.WeightBits is not null));
    }

    [TestMethod]
    [DataRow("method: auto")]
    [DataRow("method: layerwise")]
    [DataRow("method: qap")]
    public void A_gate_that_no_rounding_passes_lets_the_model_through_as_it_came(string method)
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: mse, min: 0 }", "prune: none", method);

        Assert.IsTrue(job.Run().Passed);

        Assert.AreEqual("CMP5003", job.Heard.Codes);
        StringAssert.Contains(job.Heard.Diagnostics[0].Message, "cost more accuracy than is allowed");
        CollectionAssert.AreEqual(job.Bytes("net.onnx"), job.Bytes("out/net.onnx"));
        Assert.AreEqual(0, job.Report().Metric!.Compressed);
    }

    [TestMethod]
    public void Widths_that_the_policy_asks_for_are_never_given_up()
    {
        using var job = new SmallJob(SmallJob.Samples, Strict, "quantize: { weights: 8 }");
        job.SetModel(WithWideWeights());

        Assert.IsFalse(job.Run().Passed);
        Assert.AreEqual(("CMP7001", Severity.Error), (job.Heard.Diagnostics[^1].Code, job.Heard.Diagnostics[^1].Severity));
    }

    /// <summary>One channel of the last layer's input is ten thousand times wider than the others, on which the output hangs.</summary>
    private static OnnxModel WithWideInput()
    {
        var builder = new ModelBuilder(seed: 21).Input("input", -1, 1, 8, 8).Conv(16, 3).Relu().Conv(32, 3).Relu();
        var factors = new float[32];
        Array.Fill(factors, 1);
        factors[0] = 1e4f;
        // Through a sine, into which no scale can be folded.
        builder.Op("Sin", [builder.Last]);
        builder.Op("Mul", [builder.Last, builder.Constant(Tensor.Of(factors, 32, 1, 1))]);
        builder.Op("Mul", [builder.Op("Sigmoid", [builder.Last]), builder.Graph.Nodes[^2].Output]);
        var weight = builder.Random(0.3, 8, 32, 1, 1).Floats().Select((w, i) => i % 32 == 0 ? 0 : w).ToArray();
        builder.Op("Conv", [builder.Last, builder.Constant(Tensor.Of(weight, 8, 32, 1, 1), "w"), builder.Constant(Tensor.Of(new float[8], 8), "b")]);
        return builder.Build();
    }

    /// <summary>A product of values that are all small in one sample and all large in the next, behind one of values that are alike.</summary>
    private static OnnxModel WithChangingRange()
    {
        var builder = new ModelBuilder(seed: 23).Input("input", 1, 1, 8, 8);
        var alike = builder.Op("MatMul", ["input", builder.Constant(builder.Random(0.3, 8, 64))]);
        var first = builder.Op("Slice", ["input", builder.Constant(Tensor.List(0, 0)), builder.Constant(Tensor.List(1, 1)), builder.Constant(Tensor.List(2, 3))]);
        var factor = builder.Op("Exp", [builder.Op("Mul", [first, builder.Constant(Tensor.Scalar(4f))])]);
        var changing = builder.Op("Mul", [builder.Op("Tanh", [alike]), factor]);
        builder.Output(builder.Op("MatMul", [changing, builder.Constant(builder.Random(0.3, 64, 64))]));
        return builder.Build();
    }

    /// <summary>A channel that hardly moves meets weights ten thousand times larger than those of the others, and counts as much.</summary>
    private static OnnxModel WithWideWeights()
    {
        var builder = new ModelBuilder(seed: 22).Input("input", -1, 1, 8, 8).Conv(16, 3).Relu().Conv(64, 3).Relu();
        var factors = new float[64];
        for (var i = 0; i < factors.Length; i++) factors[i] = i % 2 == 0 ? 1e-4f : 1;
        builder.Op("Sin", [builder.Last]);
        builder.Op("Mul", [builder.Last, builder.Constant(Tensor.Of(factors, 64, 1, 1))]);
        builder.Op("Sin", [builder.Last]);
        var weight = builder.Random(0.3, 8, 64, 1, 1).Floats().Select((w, i) => i % 2 == 0 ? w * 1e4f : w).ToArray();
        builder.Op("Conv", [builder.Last, builder.Constant(Tensor.Of(weight, 8, 64, 1, 1), "w"), builder.Constant(Tensor.Of(new float[8], 8), "b")]);
        return builder.Build();
    }
}
