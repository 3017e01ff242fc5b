using Compress.Apply;
using Compress.Analysis;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Apply;

/// <summary>Rounding against rounding to nearest, against all possible codes, and against the rules of its grid.</summary>
[TestClass]
public sealed class ErrorFeedbackTests
{
    private const int Rows = 6, Columns = 12;
    private const double Damping = 1e-3;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(8)]
    public void The_error_is_less_than_that_of_rounding_to_nearest(int bits)
    {
        var (feedback, learned, nearest) = (0.0, 0.0, 0.0);
        using var kernel = new GramKernel(1);
        for (var seed = 1; seed <= 20; seed++)
        {
            var (w, h) = Problem(seed, Rows, Columns);
            var plain = Errors(NearestRounding.Round(w, Rows, Columns, 1, bits), w, h);
            var fed = Errors(ErrorFeedback.Round(w, Rows, Columns, 1, bits, h, Damping), w, h);
            for (var r = 0; r < Rows; r++) Assert.IsLessThanOrEqualTo((plain[r] * (1 + 1e-5)) + 1e-12, fed[r], $"seed {seed}, row {r}");
            nearest += plain.Sum();
            feedback += fed.Sum();
            learned += Errors(LearnedRounding.Round(w, Rows, Columns, 1, bits, WeightGrid.Of(bits), h, kernel), w, h).Sum();
        }
        TestContext.WriteLine($"{bits} bits: nearest {nearest:0.######}, learned {learned:0.######}, error feedback {feedback:0.######}");
        Assert.IsLessThan(0.6 * nearest, feedback);
        Assert.IsLessThan(nearest, learned);
    }

    [TestMethod]
    public void Small_problems_come_near_the_best_of_all_codes()
    {
        var (found, best) = (0.0, 0.0);
        for (var seed = 1; seed <= 15; seed++)
        {
            var (w, h) = Problem(seed, 1, 5);
            found += Errors(ErrorFeedback.Round(w, 1, 5, 1, 3, h, Damping), w, h)[0];
            best += BestOfAll(w, h, bits: 3);
        }
        TestContext.WriteLine($"found {found}, best {best}");
        Assert.IsLessThan(1.6 * best, found);
    }

    [TestMethod]
    public void Codes_lie_within_their_grid_and_scales_are_positive()
    {
        using var kernel = new GramKernel(1);
        for (var seed = 1; seed <= 10; seed++)
            for (var bits = 2; bits <= 8; bits++)
            {
                var (w, h) = Problem(seed, Rows, Columns);
                var grid = seed % 2 == 0 ? WeightGrid.Of(bits) : WeightGrid.Safe(bits, 8);
                foreach (var rounded in new[] { ErrorFeedback.Round(w, Rows, Columns, 2, bits, h, Damping, grid), NearestRounding.Round(w, Rows, Columns, 2, bits, grid), LearnedRounding.Round(w, Rows, Columns, 2, bits, grid, h, kernel) })
                {
                    Assert.IsTrue(rounded.Codes.All(code => code >= grid.Low && code <= grid.High), $"seed {seed}, {bits} bits");
                    Assert.IsTrue(rounded.Scales.All(scale => scale > 0 && float.IsFinite(scale)), $"seed {seed}, {bits} bits");
                    Assert.AreEqual((Rows / 2, bits), (rounded.Scales.Length, rounded.Bits));
                }
            }
    }

    [TestMethod]
    public void Rows_of_several_widths_are_rounded_each_on_its_own_grid_as_well_as_alone()
    {
        int[] widths = [8, 2, 4, 3, 1, 6];
        var grid = WeightGrid.Of(8) with { Each = [.. widths.Select(WeightGrid.Of)] };
        for (var seed = 1; seed <= 10; seed++)
        {
            var (w, h) = Problem(seed, Rows, Columns);

            var rounded = ErrorFeedback.Round(w, Rows, Columns, 1, 8, h, Damping, grid);

            var errors = Errors(rounded, w, h);
            for (var r = 0; r < Rows; r++)
            {
                var own = WeightGrid.Of(widths[r]);
                Assert.IsTrue(rounded.Codes.Skip(r * Columns).Take(Columns).All(code => code >= own.Low && code <= own.High), $"seed {seed}, row {r}");
                var alone = ErrorFeedback.Round(w.AsSpan(r * Columns, Columns), 1, Columns, 1, widths[r], h, Damping);
                Assert.IsLessThanOrEqualTo((1.05 * Errors(alone, w[(r * Columns)..((r + 1) * Columns)], h)[0]) + 1e-9, errors[r], $"seed {seed}, row {r}");
            }
        }
    }

    [TestMethod]
    public void The_order_of_the_inputs_does_not_matter()
    {
        var (w, h) = Problem(3, Rows, Columns);
        int[] order = [.. Enumerable.Range(0, Columns)];
        new Random(5).Shuffle(order);
        double[] shuffledWeights = [.. Enumerable.Range(0, Rows * Columns).Select(i => w[(i / Columns * Columns) + order[i % Columns]])];
        double[] shuffledCovariance = [.. Enumerable.Range(0, Columns * Columns).Select(i => h[(order[i / Columns] * Columns) + order[i % Columns]])];

        var direct = ErrorFeedback.Round(w, Rows, Columns, 1, 4, h, Damping);
        var shuffled = ErrorFeedback.Round(shuffledWeights, Rows, Columns, 1, 4, shuffledCovariance, Damping);

        for (var i = 0; i < shuffled.Codes.Length; i++) Assert.AreEqual(direct.Codes[(i / Columns * Columns) + order[i % Columns]], shuffled.Codes[i]);
    }

    [TestMethod]
    public void Weights_on_a_grid_stay_where_they_are()
    {
        var (_, h) = Problem(4, Rows, Columns);
        var random = new Random(6);
        double[] w = [.. Enumerable.Range(0, Rows * Columns).Select(i => 0.125 * (i % Columns == 0 ? 7 : random.Next(-7, 8)))];

        var rounded = ErrorFeedback.Round(w, Rows, Columns, 1, 4, h, Damping);

        for (var i = 0; i < w.Length; i++) Assert.AreEqual(w[i], rounded.Dequantized()[i], 1e-6);
    }

    [TestMethod]
    public void Rows_of_zeros_and_inputs_that_never_move_are_rounded_too()
    {
        var (w, _) = Problem(5, Rows, Columns);
        Array.Clear(w, 0, Columns);

        var rounded = ErrorFeedback.Round(w, Rows, Columns, 1, 4, new double[Columns * Columns], 1e-10);

        Assert.IsTrue(rounded.Codes.Take(Columns).All(code => code == 0));
        Assert.IsTrue(rounded.Scales.All(float.IsFinite));
    }

    /// <summary>The least error over all codes, each with its best scale.</summary>
    private static double BestOfAll(double[] w, double[] h, int bits)
    {
        var (grid, d) = (WeightGrid.Of(bits), w.Length);
        var levels = grid.High - grid.Low + 1;
        var matrix = Damped(h, d);
        var weights = Vector<double>.Build.DenseOfArray(w);
        var hw = matrix * weights;
        var energy = weights * hw;
        var best = energy;
        for (var index = 0; index < Math.Pow(levels, d); index++)
        {
            var codes = new double[d];
            for (int i = 0, rest = index; i < d; i++, rest /= levels) codes[i] = grid.Low + (rest % levels);
            double cross = 0, square = 0;
            for (var i = 0; i < d; i++)
            {
                cross += codes[i] * hw[i];
                for (var j = 0; j < d; j++) square += codes[i] * codes[j] * matrix[i, j];
            }
            if (square > 0 && cross > 0) best = Math.Min(best, energy - (cross * cross / square));
        }
        return best;
    }

    private static double[] Errors(RoundedWeights rounded, double[] w, double[] h)
    {
        var (values, matrix) = (rounded.Dequantized(), Damped(h, rounded.Columns));
        return [.. Enumerable.Range(0, rounded.Rows).Select(r =>
        {
            var difference = Vector<double>.Build.Dense(rounded.Columns, c => w[(r * rounded.Columns) + c] - values[(r * rounded.Columns) + c]);
            return difference * matrix * difference;
        })];
    }

    private static Matrix<double> Damped(double[] h, int d) => Matrix<double>.Build.DenseOfRowMajor(d, d, h) + (Damping * Matrix<double>.Build.DenseIdentity(d));

    /// <summary>Weights and the covariance of strongly correlated inputs.</summary>
    private static (double[] Weights, double[] Covariance) Problem(int seed, int rows, int columns)
    {
        var mix = Matrix<double>.Build.Random(columns, columns, seed) + Matrix<double>.Build.Dense(columns, columns, 0.7);
        var weights = Matrix<double>.Build.Random(rows, columns, seed + 100);
        return (weights.ToRowMajorArray(), (mix * mix.Transpose() / columns).ToRowMajorArray());
    }
}
