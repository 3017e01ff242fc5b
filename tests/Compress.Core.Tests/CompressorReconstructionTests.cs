namespace Compress.Core.Tests;

/// <summary>`reconstruct:` in a policy, and what happens without it.</summary>
[TestClass]
public sealed class CompressorReconstructionTests
{
    private const string Bits = "quantize: { weights: 2, activations: 4, rounding: nearest }", Pruned = "quantize: none\n    prune: { ratio: 0.75 }", Reconstruct = "reconstruct: 40";

    [TestMethod]
    public void It_brings_the_metric_nearer_to_the_float_model()
    {
        using var plain = new SmallJob(SmallJob.Samples, SmallJob.Gate, Pruned);
        using var reconstructed = new SmallJob(SmallJob.Samples, SmallJob.Gate, Pruned, Reconstruct);
        plain.Run();
        reconstructed.Run();

        Assert.IsGreaterThan(plain.Report().Metric!.Compressed, reconstructed.Report().Metric!.Compressed);
        Assert.IsFalse(Happened(plain));
    }

    [TestMethod]
    public void A_locked_build_without_any_cache_does_it_again_and_gives_the_same_bytes()
    {
        using var job = new SmallJob(SmallJob.Samples, Bits, Reconstruct);
        job.Run();
        var model = job.Bytes("out/net.onnx");

        job.Run(locked: true, threads: 1);

        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
        Assert.AreEqual("", job.Heard.Codes.Replace("CMP7002", "", StringComparison.Ordinal).Trim());
    }

    [TestMethod]
    public void A_budget_asks_for_it_unless_the_policy_says_none()
    {
        using var budget = new SmallJob(SmallJob.Samples, "budget: { size: 4x }");
        using var none = new SmallJob(SmallJob.Samples, "budget: { size: 4x }", "reconstruct: none");
        budget.Run();
        none.Run();

        Assert.IsTrue(Happened(budget));
        Assert.IsFalse(Happened(none));
    }

    private static bool Happened(SmallJob job) => job.Heard.Stages.Any(stage => stage.StartsWith("reconstructing the blocks", StringComparison.Ordinal));
}
