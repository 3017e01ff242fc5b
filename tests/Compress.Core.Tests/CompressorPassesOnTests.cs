using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>A model that can't be made smaller is passed on as it came, and the build says why.</summary>
[TestClass]
public sealed class CompressorPassesOnTests
{
    [TestMethod]
    public void A_model_without_layers_is_passed_on()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate);
        job.SetModel(new ModelBuilder().Input("input", -1, 1, 8, 8).Relu().GlobalPool().Build());

        Assert.IsTrue(job.Run().Passed);

        PassedOn(job, "CMP5003");
        Assert.AreEqual((1.0, 1.0, 0.0), (job.Report().Metric!.Float, job.Report().Metric!.Compressed, job.Report().Metric!.Drop));
        Assert.IsTrue(job.Run(locked: true).Passed);
        PassedOn(job, "CMP5003");
    }

    [TestMethod]
    [DataRow("layers: [{ match: \"*\", keep: float }]")]
    [DataRow("quantize: none", "prune: none")]
    public void A_policy_that_keeps_all_of_it_is_as_good_as_no_layers(params string[] lines)
    {
        using var job = new SmallJob([SmallJob.Samples, .. lines, .. lines[0].StartsWith("layers", StringComparison.Ordinal) ? ["prune: none"] : Array.Empty<string>()]);

        Assert.IsTrue(job.Run().Passed);

        PassedOn(job, "CMP5003 CMP7002");
        Assert.IsTrue(job.Report().Layers.All(layer => layer is { WeightBits: null, Reason: "the model is passed on as it is" }));
    }

    [TestMethod]
    public void What_would_become_larger_is_passed_on_unless_a_budget_asks_for_it()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        job.SetModel(new ModelBuilder().Input("input", -1, 1, 8, 8).Conv(2, 3).Relu().GlobalPool().Flatten().Dense(2).Build());

        Assert.IsTrue(job.Run().Passed);
        PassedOn(job, "CMP5011");
        Assert.IsTrue(job.Run(locked: true).Passed);
        PassedOn(job, "CMP5011");

        job.SetPolicy(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits, "budget: { bops: 4x }");
        Assert.IsTrue(job.Run().Passed);
        Assert.IsTrue(new FileInfo(job.Output).Length > new FileInfo(job.Model).Length);
    }

    [TestMethod]
    public void External_data_are_taken_in()
    {
        using var job = new SmallJob(SmallJob.Samples, "quantize: none", "prune: none");
        OnnxWriter.Write(OnnxReader.Read(job.Model), job.Model, external: true);

        job.Run();

        Assert.AreEqual(new FileInfo(job.Model).Length + new FileInfo(job.Model + ".data").Length, job.Report().Size.Float);
        Assert.AreEqual(1, OnnxReader.Read(job.Output).Files.Count);
    }

    private static void PassedOn(SmallJob job, string codes)
    {
        Assert.AreEqual(codes, job.Heard.Codes);
        CollectionAssert.AreEqual(job.Bytes("net.onnx"), job.Bytes("out/net.onnx"));
        Assert.AreEqual(1, job.Report().Size.Factor);
    }
}
