using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>Layers and outputs that a fit by least squares can't do with as they are, through the whole path.</summary>
[TestClass]
public sealed class WideAndVariableTests
{
    /// <summary>Its sums would take 46,400 × 46,400 numbers, more than an array holds.</summary>
    [TestMethod]
    public void A_layer_of_very_many_inputs_is_rounded_without_sums()
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.98 }", "quantize: { weights: 6 }", "prune: none");
        job.SetModel(new ModelBuilder(seed: 8).Input("input", -1, 1, 8, 8).Conv(725, 3).Relu().Flatten().Dense(4, 725 * 8 * 8).Output().Build());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        Assert.IsTrue(job.Report().Size.Factor > 3.5, $"÷ {job.Report().Size.Factor}");
    }

    /// <summary>The rows whose mean is positive: how many there are hangs on the last bits of a layer.</summary>
    [TestMethod]
    public void Outputs_as_many_as_are_found_end_no_search()
    {
        using var job = new SmallJob(SmallJob.Samples, "budget: { size: 6x }");
        var builder = new ModelBuilder(seed: 9).Input("input", -1, 1, 8, 8).Conv(32, 3).Relu().Conv(32, 3).Relu().GlobalPool().Flatten().Dense(8);
        var rows = builder.Last;
        var mean = builder.Op("ReduceMean", [rows, builder.Constant(Tensor.List(1))], node => node.Set("keepdims", 0));
        builder.Op("Compress", [rows, builder.Op("Greater", [mean, builder.Constant(Tensor.Of([0f]))])], node => node.Set("axis", 0));
        job.SetModel(builder.Dense(16).Output().Build());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
    }

    /// <summary>Its neighbours keep their integers.</summary>
    [TestMethod]
    public void A_rule_can_keep_one_inner_layer_in_float()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits, "prune: none", "layers:", "  - { match: conv2, activations: 32 }");
        var model = new ModelBuilder(seed: 10).Input("input", -1, 1, 8, 8).Conv(16, 3).Relu().Conv(16, 3).Relu().Conv(16, 3).Relu().GlobalPool().Flatten().Dense(6).Output().Build();
        var convolutions = model.Graph.Nodes.Where(node => node.Op == "Conv").ToList();
        for (var i = 0; i < convolutions.Count; i++) convolutions[i].Name = $"conv{i + 1}";
        job.SetModel(model);

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        var forms = OnnxReader.Read(job.Output).Graph.Nodes.Select(node => node.Op).Where(op => op.EndsWith("Conv", StringComparison.Ordinal)).ToList();
        CollectionAssert.AreEqual(new[] { "QLinearConv", "Conv", "QLinearConv" }, forms);
    }
}
