using Compress.Analysis;
using Compress.Apply;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class PublishedQuantizersTests
{
    [TestMethod]
    public void The_largest_weight_of_a_channel_sets_its_scale()
    {
        // Alg. 3: Δ = max|w| / 2^(b−1), codes clamped to [−2^(b−1), 2^(b−1) − 1].
        var rounded = NearestRounding.Covering([0.8, -0.4, 0.09, -1.6, 1.6, 0.32], rows: 2, columns: 3, rowsPerScale: 1, bits: 4);

        CollectionAssert.AreEqual(new[] { 0.1f, 0.2f }, rounded.Scales);
        CollectionAssert.AreEqual(new sbyte[] { 7, -4, 1, -8, 7, 2 }, rounded.Codes);
    }

    [TestMethod]
    public void Ternary_weights_follow_the_rule_of_their_paper()
    {
        // Mean magnitude 1, threshold 0.7; the mean of the magnitudes above it is 1.375. Half the scale is then where codes change.
        var rounded = NearestRounding.Round([2, -1.5, 1, 0.3, -0.2, 1], rows: 1, columns: 6, rowsPerScale: 1, bits: QuantizePolicy.Ternary);

        Assert.AreEqual(1.375f, rounded.Scales[0], 1e-6f);
        CollectionAssert.AreEqual(new sbyte[] { 1, -1, 1, 0, 0, 1 }, rounded.Codes);
    }

    [TestMethod]
    public void Activations_take_the_mean_of_the_batches_extremes()
    {
        var histogram = new Histogram();
        histogram.Add([-1, 2]);
        histogram.Add([-3, 4]);
        histogram.Add([-2, 9]);

        var grid = RangeSearch.Choose(histogram, 8, RangeMethod.MeanMinMax);

        Assert.AreEqual(7.0 / 255, grid.Scale, 1e-6, "from −2 to 5");
        Assert.AreEqual(73, grid.ZeroPoint);
    }
}
