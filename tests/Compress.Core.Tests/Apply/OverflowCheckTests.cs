using Compress.Apply;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class OverflowCheckTests
{
    [TestMethod]
    public void The_worst_pair_is_the_worst_of_all_pairs()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 200; trial++)
        {
            var (rows, columns) = (random.Next(1, 4), random.Next(1, 7));
            var codes = Enumerable.Range(0, rows * columns).Select(_ => (sbyte)random.Next(-127, 128)).ToArray();
            var worst = 0;
            for (var r = 0; r < rows; r++)
                for (var i = 0; i < columns; i++)
                    for (var j = 0; j < columns; j++)
                        // Any two weights meet, each with an activation from 0 to the top: those of the wrong sign with 0.
                        foreach (var sign in new[] { 1, -1 })
                            worst = Math.Max(worst, Math.Max(0, sign * codes[(r * columns) + i]) + (i == j ? 0 : Math.Max(0, sign * codes[(r * columns) + j])));

            Assert.AreEqual(worst, OverflowCheck.WorstPair(new RoundedWeights(codes, new float[rows], rows, columns, 1, 8)), $"trial {trial}");
        }
    }

    [TestMethod]
    [DataRow(8, 8)]
    [DataRow(8, 7)]
    [DataRow(7, 8)]
    [DataRow(8, 4)]
    [DataRow(2, 8)]
    public void No_pair_of_the_safe_grid_overflows(int weights, int activations)
    {
        var grid = WeightGrid.Safe(weights, activations);
        var top = (1 << activations) - 1;

        Assert.IsLessThanOrEqualTo(short.MaxValue, 2 * top * grid.High);
        Assert.IsGreaterThanOrEqualTo(short.MinValue, 2 * top * grid.Low);
    }

    [TestMethod]
    public void Layers_that_may_saturate_are_named_where_the_policy_allows_them()
    {
        using var job = new SmallJob(SmallJob.Samples, "quantize: { weights: 8, activations: 8 }", "prune: none");
        job.Run();
        Assert.IsFalse(job.Heard.Codes.Contains("CMP5024", StringComparison.Ordinal), job.Heard.Codes);

        job.SetPolicy(SmallJob.Samples, "quantize: { weights: 8, activations: 8, allow-overflow: true }", "prune: none");
        job.Run();

        StringAssert.Contains(job.Heard.Codes, "CMP5024");
    }

    [TestMethod]
    public void Models_are_safe_unless_the_plan_lets_them_overflow()
    {
        var builder = new ModelBuilder(seed: 2).Input("x", 2, 3, 8, 8).Conv(7, 3).Relu().Conv(5, 3).GlobalPool().Flatten().Dense(3);
        var facts = Compressing.Facts(builder.Build(), builder.Feed());
        foreach (var bits in new[] { 4, 7, 8 })
            Assert.IsEmpty(OverflowCheck.Find(Compressing.Apply(facts, Compressing.Uniform(facts, bits)), Compressing.Uniform(facts, bits)), $"{bits} bits");

        var daring = Compressing.Uniform(facts, 8) with { AllowOverflow = true };
        Assert.AreEqual("conv2 conv6 gemm11", string.Join(' ', OverflowCheck.Find(Compressing.Apply(facts, daring), daring)));
    }
}
