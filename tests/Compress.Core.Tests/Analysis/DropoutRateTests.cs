using Compress.Analysis;

namespace Compress.Core.Tests.Analysis;

/// <summary>The closed form of quantization-aware pruning against its published constants.</summary>
[TestClass]
public sealed class DropoutRateTests
{
    [TestMethod]
    [DataRow(0.1, 3.02)]
    [DataRow(0.2, 2.07)]
    [DataRow(0.5, 1.24)]
    [DataRow(1, 0.818)]
    [DataRow(1.5, 0.633)]
    [DataRow(2, 0.522)]
    [DataRow(5, 0.253)]
    [DataRow(10, 0.122)]
    [DataRow(30, 0.0348)]
    public void The_best_rate_is_that_of_the_table(double saliency, double alpha) => Assert.AreEqual(alpha, DropoutRate.Best(saliency), 0.006 * alpha);

    [TestMethod]
    public void A_large_saliency_allows_its_inverse() => Assert.AreEqual(1e-4, DropoutRate.Best(1e4), 1e-6);

    [TestMethod]
    public void No_rate_on_a_fine_grid_is_better()
    {
        foreach (var saliency in (double[])[0.1, 0.7, 3, 40])
        {
            double Objective(double alpha) => (0.5 * saliency * alpha) + DropoutRate.Divergence(alpha);
            var best = Objective(DropoutRate.Best(saliency));

            for (var log = -12.0; log < 8; log += 0.01) Assert.IsLessThanOrEqualTo(Objective(Math.Exp(log)) + 1e-9, best);
        }
    }

    [TestMethod]
    [DataRow(6, -8.605)]
    [DataRow(5, -7.219)]
    [DataRow(4, -5.833)]
    [DataRow(3, -4.447)]
    public void Bounds_are_those_of_the_published_code(int bits, double log)
    {
        Assert.AreEqual(log, Math.Log(DropoutRate.Bound(bits)), 1e-3);
        Assert.AreEqual(log, Math.Log(DropoutRate.Bound(bits - 2, guard: 2)), 1e-3);
    }

    [TestMethod]
    public void Bits_follow_the_table_of_intervals()
    {
        Assert.AreEqual(0, DropoutRate.Bits(0.76, 4));
        Assert.AreEqual(1, DropoutRate.Bits(0.75, 4));
        for (var alpha = 1e-4; alpha < 0.75; alpha *= 1.03)
        {
            // α_0 / 4^i < α ≤ α_0 / 4^(i−1) gives i bits, the last interval reaches down to 0.
            var expected = Enumerable.Range(1, 4).First(i => i == 4 || (alpha > 0.75 / Math.Pow(4, i) && alpha <= 0.75 / Math.Pow(4, i - 1)));
            Assert.AreEqual(expected, DropoutRate.Bits(alpha, 4), $"α = {alpha}");
        }
    }
}
