using Compress.Analysis;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

/// <summary>Streamed sums against sums in double precision over all rows at once.</summary>
[TestClass]
public sealed class MomentsTests
{
    private const int Rows = 300, Columns = 6, Targets = 3;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Blocks_add_up_to_the_moments_of_all_rows(bool centered)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var (x, y) = Data(seed);
            var moments = Stream(x, y, 70).Moments(centered);
            var (meanX, meanY) = (Means(x, Columns, centered), Means(y, Targets, centered));

            Near(Products(x, meanX, x, meanX), moments.Covariance, $"covariance, seed {seed}");
            Near(Products(x, meanX, y, meanY), moments.Cross, $"cross, seed {seed}");
            Near([.. Enumerable.Range(0, Targets).Select(t => Enumerable.Range(0, Rows).Average(r => Math.Pow(y[(r * Targets) + t] - meanY[t], 2)))], moments.Variance, $"variance, seed {seed}");
            Near(meanX, moments.MeanX, "mean of x");
            Near(meanY, moments.MeanY, "mean of y");
            Assert.AreEqual(Rows, moments.Rows);
        }
    }

    [TestMethod]
    public void Two_streams_add_up_to_one()
    {
        var (x, y) = Data(3);
        var both = Stream(x[..(100 * Columns)], y[..(100 * Targets)], 30);
        both.Add(Stream(x[(100 * Columns)..], y[(100 * Targets)..], 50));

        Near(Stream(x, y, Rows).Moments().Covariance, both.Moments().Covariance, "covariance");
    }

    [TestMethod]
    public void The_error_of_weights_is_their_mean_squared_error_with_the_best_bias()
    {
        var (x, y) = Data(4);
        var moments = Stream(x, y, 64).Moments();
        double[] w = [0.5, -1, 0, 2, 0.25, -0.5];
        for (var t = 0; t < Targets; t++)
        {
            var differences = Enumerable.Range(0, Rows).Select(r => y[(r * Targets) + t] - Enumerable.Range(0, Columns).Sum(c => w[c] * x[(r * Columns) + c])).ToArray();
            var mean = differences.Average();
            Assert.AreEqual(differences.Average(d => (d - mean) * (d - mean)), moments.Error(w, t), 1e-4);
        }
    }

    [TestMethod]
    public void Keeping_columns_is_leaving_the_others_out_from_the_start()
    {
        var (x, y) = Data(5);
        int[] kept = [1, 2, 5];
        float[] narrow = [.. Enumerable.Range(0, Rows).SelectMany(r => kept.Select(c => x[(r * Columns) + c]))];
        var sums = new NormalEquations(kept.Length, Targets);
        using var kernel = new GramKernel(1);
        sums.Add(narrow, y, Rows, kernel);

        var expected = sums.Moments();
        var actual = Stream(x, y, Rows).Moments().Keep(kept);

        Near(expected.Covariance, actual.Covariance, "covariance");
        Near(expected.Cross, actual.Cross, "cross");
        Near(expected.MeanX, actual.MeanX, "mean");
    }

    [TestMethod]
    public void A_large_mean_does_not_drown_the_variance()
    {
        var (x, y) = Data(6);
        for (var i = 0; i < x.Length; i++) x[i] = 1000 + (0.5f * x[i]);
        var meanX = Means(x, Columns, true);
        var expected = Products(x, meanX, x, meanX);

        var actual = Stream(x, y, 100).Moments().Covariance;

        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 0.02, $"element {i}");
    }

    private static NormalEquations Stream(float[] x, float[] y, int block)
    {
        var sums = new NormalEquations(Columns, Targets);
        using var kernel = new GramKernel(1);
        var rows = x.Length / Columns;
        for (var from = 0; from < rows; from += block)
        {
            var count = Math.Min(block, rows - from);
            sums.Add(x[(from * Columns)..((from + count) * Columns)], y[(from * Targets)..((from + count) * Targets)], count, kernel);
        }
        return sums;
    }

    private static (float[] X, float[] Y) Data(int seed)
    {
        var random = new ModelBuilder(seed);
        var mix = random.Random(1, Columns, Columns).Floats();
        var raw = random.Random(1, Rows, Columns).Floats();
        var x = new float[Rows * Columns];
        for (var r = 0; r < Rows; r++)
            for (var c = 0; c < Columns; c++)
                x[(r * Columns) + c] = 1 + Enumerable.Range(0, Columns).Sum(k => raw[(r * Columns) + k] * mix[(k * Columns) + c]);
        return (x, random.Random(2, Rows, Targets).Floats());
    }

    private static double[] Means(float[] values, int width, bool centered) =>
        [.. Enumerable.Range(0, width).Select(c => centered ? Enumerable.Range(0, Rows).Average(r => (double)values[(r * width) + c]) : 0)];

    private static double[] Products(float[] a, double[] meanA, float[] b, double[] meanB)
    {
        var (p, q) = (meanA.Length, meanB.Length);
        return [.. Enumerable.Range(0, p * q).Select(i => Enumerable.Range(0, Rows).Average(r => (a[(r * p) + (i / q)] - meanA[i / q]) * (b[(r * q) + (i % q)] - meanB[i % q])))];
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-5 * (1 + expected.Max(Math.Abs)), $"{what}, element {i}");
    }
}
