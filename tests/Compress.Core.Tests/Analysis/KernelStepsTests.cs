using Compress.Analysis;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class KernelStepsTests
{
    [TestMethod]
    [DataRow(0.33, 0.33, 0.33, 0.33, 16, DisplayName = "blocks of 16: float, AVX-512")]
    [DataRow(0.25, 0.25, 0.33, 0.33, 8, DisplayName = "blocks of 8: float, AVX2")]
    [DataRow(0.20, 0.24, 0.28, 0.32, 4, DisplayName = "every four channels count: int8")]
    public void Counts_that_cost_what_the_next_costs_are_no_step(double at20, double at24, double at28, double at32, int step)
    {
        var times = new Dictionary<string, double>();
        foreach (var (channels, time) in new[] { (20, at20), (24, at24), (28, at28), (32, at32) }) times[$"Conv float [1,{channels},14,14] × [{channels},{channels},3,3] pads=1,1,1,1"] = time;

        Assert.AreEqual(step, KernelSteps.Of(new LatencyTable(known: times), integer: false).Step);
    }

    [TestMethod]
    [DataRow(16, 64, "64 48 32 16 12 8 4")]
    [DataRow(16, 50, "50 48 32 16 12 8 4")]
    [DataRow(16, 16, "16 12 8 4")]
    [DataRow(16, 6, "6 5 4 3 2 1")]
    [DataRow(8, 24, "24 16 12 8 4")]
    [DataRow(4, 32, "32 28 24 20 16 12 8 4")]
    [DataRow(4, 512, "512 480 448 416 384 352 320 288 256 224 192 160 128 96 64 32 12 8 4")]
    public void The_largest_count_comes_first_and_steps_grow_with_the_group(int step, int channels, string counts) =>
        Assert.AreEqual(counts, string.Join(' ', new KernelSteps(step).Counts(channels)));
}
