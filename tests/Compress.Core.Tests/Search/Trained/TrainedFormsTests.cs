using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Search.Trained;

/// <summary>Every method with `train:` goes through its own stages, keeps the budget, comes no further from the float model than without, and can be locked.</summary>
[TestClass]
public sealed class TrainedFormsTests
{
    private const string Train = "train: { data: train.npy, epochs: 20 }", Budget = "budget: { size: 5x }\n    quantize: { weights: [2, 4], activations: 8 }";

    [TestMethod]
    [DataRow("auto\n    prune: none", "training the pruned network|training activations on their grids|training weights on their grids")]
    [DataRow("pic-pq", "training the pruned network|training activations on their grids|training weights on their grids")]
    [DataRow("layerwise", "lost channels|training the pruned network|training the quantized network")]
    [DataRow("qap", "training with noise on its weights|training the plan")]
    [DataRow("qap\n    qap: { noise: weight }", "training with noise on its weights|training the plan")]
    [DataRow("djpq", "training gates, grids and weights together|training the plan")]
    [DataRow("ajpq", "training the plan")]
    public void A_method_trains_in_its_stages_keeps_the_budget_and_gives_the_same_model_locked(string method, string stages)
    {
        using var plain = new SmallJob(SmallJob.Samples, SmallJob.Gate, Budget, $"method: {method}");
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, Budget, $"method: {method}", Train);
        var untrained = method != "djpq";
        foreach (var one in (SmallJob[])[plain, job]) one.SetModel(Network());
        TinyModel.WriteNpy(job["train.npy"], new ModelBuilder(seed: 4).Random(1, 1024, 1, 8, 8));
        if (untrained) plain.Run();
        job.Run(cached: true);

        foreach (var stage in stages.Split('|')) Assert.IsTrue(job.Heard.Stages.Any(told => told.Contains(stage, StringComparison.Ordinal)), $"{stage}:\n{string.Join('\n', job.Heard.Stages)}");
        Assert.IsLessThanOrEqualTo(new FileInfo(job.Model).Length / 5.0, job.Bytes("out/net.onnx").Length);
        // Two bits of random weights leave training little to find; that it does find something is shown by CompressorTrainingTests.
        Assert.IsGreaterThanOrEqualTo(untrained ? plain.Report().Metric!.Compressed : 0.99, job.Report().Metric!.Compressed, string.Join('\n', job.Heard.Stages));

        var model = job.Bytes("out/net.onnx");
        File.Delete(job.Output);
        job.Run(locked: true, cached: true);
        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
        Assert.IsFalse(job.Heard.Stages.Any(told => told.StartsWith("training", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("20", "training the first plan further")]
    [DataRow("20, position-scaled: true", "planning again from the trained weights")]
    public void Weights_of_four_bits_and_more_are_planned_for_again_where_they_are_a_network_without_rounding(string epochs, string then)
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, "budget: { size: 3.5x }\n    quantize: { weights: [4, 8], activations: 8 }\n    prune: none", $"train: {{ data: train.npy, epochs: {epochs} }}");
        job.SetModel(Network());
        TinyModel.WriteNpy(job["train.npy"], new ModelBuilder(seed: 4).Random(1, 1024, 1, 8, 8));
        job.Run();
        foreach (var stage in (string[])["training the first plan on", "divergence of the trained plan", then])
            Assert.IsTrue(job.Heard.Stages.Any(told => told.StartsWith(stage, StringComparison.Ordinal)), $"{stage}:\n{string.Join('\n', job.Heard.Stages)}");
    }

    private static OnnxModel Network() =>
        new ModelBuilder(8).Input("input", -1, 1, 8, 8).Conv(8, 3).Relu().Conv(16, 3).Relu().Conv(16, 3, stride: 2).Relu().GlobalPool().Flatten().Dense(3).Build();
}
