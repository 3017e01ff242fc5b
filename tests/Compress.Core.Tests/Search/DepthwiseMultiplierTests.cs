using Compress.Testing;

namespace Compress.Core.Tests.Search;

/// <summary>Depthwise filters that make several channels of each of their inputs: what a search removes at their output is counted right at their input.</summary>
[TestClass]
public sealed class DepthwiseMultiplierTests
{
    [TestMethod]
    [DataRow("size: 4x")]
    [DataRow("macs: 4x")]
    [DataRow("macs: 4x, latency: 1ms", DisplayName = "times of operators that could not exist are not asked for")]
    public void Channels_behind_a_depthwise_filter_with_a_multiplier_may_go(string budget)
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.1 }", $"budget: {{ {budget} }}", "quantize: { weights: [4, 8] }");
        job.SetModel(new ModelBuilder(seed: 51).Input("input", -1, 1, 8, 8).Conv(16, 3).Relu().Conv(32, 3, group: 16).Relu().Conv(32, 1).Relu().GlobalPool().Flatten().Dense(4).Build());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        Assert.IsTrue(job.Report().Layers.Where(layer => layer.Channels is not null).All(layer => !layer.Channels!.StartsWith("0/", StringComparison.Ordinal)));
    }
}
