using Compress.Analysis;
using Compress.Analysis.Importance;

namespace Compress.Core.Tests.Analysis.Importance;

[TestClass]
public sealed class RankingRulesTests
{
    [TestMethod]
    [DataRow(0.0, "0 1 2 3 4 5 6 7")]
    [DataRow(0.05, "0 1 2 3 4 5 6", DisplayName = "at least one goes")]
    [DataRow(0.25, "0 1 2 3 4 5")]
    [DataRow(0.3, "0 1 2 3 4 5", DisplayName = "2.4 channels are two")]
    [DataRow(0.5, "0 1 2 3")]
    [DataRow(0.75, "0 1")]
    [DataRow(1.0, "0", DisplayName = "one stays")]
    public void The_threshold_is_the_published_one(double sparsity, string kept)
    {
        double[] scores = [8, 7, 6, 5, 4, 3, 2, 1];

        Assert.AreEqual(kept, string.Join(' ', LowestShare.Kept(scores, sparsity)));
    }

    [TestMethod]
    public void Equal_scores_at_the_threshold_stay()
    {
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, LowestShare.Kept([1, 1, 1, 2], 0.5));
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, LowestShare.Kept([0, 1, 1, 2], 0.5));
    }

    [TestMethod]
    public void Kendalls_tau_counts_pairs_that_agree()
    {
        Assert.AreEqual(1, Kendall.Tau([1, 2, 3, 4], [10, 20, 30, 40]), 1e-12);
        Assert.AreEqual(-1, Kendall.Tau([1, 2, 3, 4], [4, 3, 2, 1]), 1e-12);
        // Of the ten pairs, (4, 3) and (5, 3) disagree.
        Assert.AreEqual(0.6, Kendall.Tau([1, 2, 3, 4, 5], [1, 2, 4, 5, 3]), 1e-12);
        // Four pairs agree, two are tied on one side: five untied pairs on either.
        Assert.AreEqual(0.8, Kendall.Tau([1, 2, 2, 3], [1, 2, 3, 3]), 1e-12);
        Assert.IsTrue(double.IsNaN(Kendall.Tau([1, 1], [1, 2])));
    }

    [TestMethod]
    public void Performance_density_is_points_per_megabit()
    {
        // 2 million weights of 8 bits, half of them gone, and a million activations of 4 bits: 8 + 4 Mbit.
        Assert.AreEqual(90.0 / 12, PerformanceDensity.Of(90, new(2_000_000, 8, 0.5), new(1_000_000, 4)), 1e-12);
    }
}
