using Compress.Analysis;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Plan;

/// <summary>Grids on values whose best range is known.</summary>
[TestClass]
public sealed class RangeSearchTests
{
    private static readonly RangeMethod[] All = Enum.GetValues<RangeMethod>();

    [TestMethod]
    public void Zero_is_a_point_of_every_grid()
    {
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var bits = new[] { 4, 5, 6, 7, 8, 16 }[i % 6];
            var (a, b) = (Math.Pow(10, (random.NextDouble() * 60) - 30) * (random.Next(3) - 1), Math.Pow(10, (random.NextDouble() * 60) - 30) * (random.Next(3) - 1));
            var grid = Quantizer.Covering(Math.Min(a, b), Math.Max(a, b), bits);
            Assert.IsTrue(grid.ZeroPoint >= 0 && grid.ZeroPoint <= grid.Top && grid.Scale > 0 && float.IsFinite(grid.Scale), $"{a}, {b}: {grid}");
            // All of the range but half a step at one end, to make room for zero on the grid.
            Assert.IsTrue(grid.Low <= Math.Min(0, Math.Min(a, b)) + (0.5001 * grid.Scale) && grid.High >= Math.Max(0, Math.Max(a, b)) - (0.5001 * grid.Scale), $"{a}, {b}: {grid}");
        }
    }

    [TestMethod]
    public void Evenly_spread_values_keep_their_range_whatever_the_method()
    {
        var histogram = Of([.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f)]);
        foreach (var method in All)
        {
            var grid = RangeSearch.Choose(histogram, 8, method);
            Assert.AreEqual(1, grid.High, 0.03, $"{method}");
            Assert.AreEqual(0, grid.ZeroPoint, $"{method}");
        }
    }

    [TestMethod]
    [DataRow(RangeMethod.Percentile)]
    [DataRow(RangeMethod.Entropy)]
    public void One_value_far_out_does_not_set_the_range(RangeMethod method)
    {
        var values = Normal(400_000, 1);
        values[17] = 40;
        var grid = RangeSearch.Choose(Of(values), 8, method);

        Assert.IsTrue(grid.High is > 2.5 and < 12, $"{method}: {grid.Low} to {grid.High}");
        Assert.IsTrue(grid.Low is < -2.5 and > -6, $"{method}: {grid.Low} to {grid.High}");
    }

    [TestMethod]
    [DataRow(4, 2.6)]
    [DataRow(8, 3.9)]
    public void Least_squared_error_finds_the_known_clipping_of_a_normal_distribution(int bits, double expected)
    {
        // Optimal symmetric clipping of a unit normal: Banner et al. 2019, table of α for 4 and 8 bits (2.55 and 3.92).
        var grid = RangeSearch.Choose(Of(Normal(400_000, 2)), bits, RangeMethod.Mse);

        Assert.AreEqual(expected, (grid.High - grid.Low) / 2, 0.35, $"{grid.Low} to {grid.High}");
    }

    [TestMethod]
    public void Least_squared_error_is_never_above_that_of_the_whole_range()
    {
        for (var seed = 1; seed <= 12; seed++)
            foreach (var bits in new[] { 4, 6, 8 })
            {
                var values = Normal(20_000, seed);
                for (var i = 0; i < values.Length; i++) values[i] = (seed % 4) switch { 0 => Math.Max(0, values[i]), 1 => MathF.Exp(values[i]), 2 => values[i] * values[i] * values[i], _ => values[i] - 2 };
                var histogram = Of(values);
                var (searched, whole) = (RangeSearch.Choose(histogram, bits, RangeMethod.Mse), RangeSearch.Choose(histogram, bits, RangeMethod.MinMax));

                Assert.IsLessThanOrEqualTo(1.03 * Error(values, whole), Error(values, searched), $"seed {seed}, {bits} bits");
                Assert.AreEqual(Error(values, whole), RangeSearch.SquaredError(histogram, whole), 0.2 * Error(values, whole), $"seed {seed}, {bits} bits: what the histogram says");
            }
    }

    [TestMethod]
    public void Nothing_and_nothing_but_zeros_have_a_grid()
    {
        foreach (var method in All)
            foreach (var histogram in new[] { new Histogram(), Of([0, 0, 0]), Of([-3, -2]), Of([5]) })
            {
                var grid = RangeSearch.Choose(histogram, 8, method);
                Assert.IsTrue(grid.Scale > 0 && float.IsFinite(grid.Scale) && grid.ZeroPoint is >= 0 and <= 255, $"{method}: {grid}");
            }
    }

    private static double Error(float[] values, Quantizer grid) =>
        values.Average(value => Math.Pow(value - ((Math.Clamp(Math.Round(value / (double)grid.Scale) + grid.ZeroPoint, 0, grid.Top) - grid.ZeroPoint) * grid.Scale), 2));

    private static float[] Normal(int count, int seed) => [.. new ModelBuilder(seed).Random(1, count).Floats()];

    private static Histogram Of(float[] values)
    {
        var histogram = new Histogram();
        histogram.Add(values);
        return histogram;
    }
}
