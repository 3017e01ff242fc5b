using Compress.Analysis;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class HistogramTests
{
    [TestMethod]
    public void However_the_stream_is_cut_the_histogram_is_the_same()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var values = Values(seed);
            var whole = Of(values, values.Length);
            foreach (var cut in new[] { 1, 7, values.Length / 3 + 1 })
            {
                var pieces = Of(values, cut);
                Assert.AreEqual(whole.Width, pieces.Width, $"seed {seed}, cut {cut}");
                CollectionAssert.AreEqual(whole.Counts, pieces.Counts, $"seed {seed}, cut {cut}");
                Assert.AreEqual((whole.Min, whole.Max, whole.Total), (pieces.Min, pieces.Max, pieces.Total), $"seed {seed}, cut {cut}");
            }
        }
    }

    [TestMethod]
    public void Every_value_is_counted_in_a_bin_that_holds_it()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var values = Values(seed);
            var histogram = Of(values, 5);
            var expected = new long[histogram.Counts.Length];
            foreach (double value in values)
                expected[value == 0 ? Histogram.HalfBins : Enumerable.Range(0, expected.Length).First(bin => Holds(histogram, bin, value))]++;
            CollectionAssert.AreEqual(expected, histogram.Counts, $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow(1e-38f)]
    [DataRow(1e-44f)]
    [DataRow(float.MaxValue)]
    public void Extreme_magnitudes_are_counted(float value)
    {
        var histogram = Of([value, -value, 0], 1);

        Assert.AreEqual(3, histogram.Counts.Sum());
        Assert.AreEqual(2, histogram.Counts.Skip(Histogram.HalfBins).Sum());
        Assert.IsFalse(histogram.HasNonFinite);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void Batches_that_are_not_finite_are_told_and_left_out(float bad)
    {
        var histogram = new Histogram();
        histogram.Add([1, 2]);
        histogram.Add([3, bad]);

        Assert.IsTrue(histogram.HasNonFinite);
        Assert.AreEqual((2L, 2.0), (histogram.Total, histogram.Max));
    }

    [TestMethod]
    public void Nothing_but_zeros_is_a_histogram_too()
    {
        var histogram = Of([0, 0, 0], 2);

        Assert.AreEqual(3, histogram.Counts[Histogram.HalfBins]);
        Assert.AreEqual((0.0, 0.0, false), (histogram.Min, histogram.Max, histogram.IsEmpty));
    }

    /// <summary>Between the bin's borders or on the one away from zero.</summary>
    private static bool Holds(Histogram histogram, int bin, double value)
    {
        var fromCenter = (value - histogram.Center(bin)) * Math.Sign(value);
        return fromCenter <= histogram.Width / 2 && fromCenter > -histogram.Width / 2;
    }

    /// <summary>Zeros, powers of two, growing magnitudes: where bins meet.</summary>
    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 60).Select(i => random.Next(4) switch
        {
            0 => 0f,
            1 => MathF.Pow(2, random.Next(-4, 3 + (i / 8))) * (random.Next(2) == 0 ? -1 : 1),
            _ => (float)((random.NextDouble() - 0.5) * Math.Pow(1.2, i)),
        })];
    }

    private static Histogram Of(float[] values, int cut)
    {
        var histogram = new Histogram();
        for (var at = 0; at < values.Length; at += cut) histogram.Add(values.AsSpan(at, Math.Min(cut, values.Length - at)));
        return histogram;
    }
}
