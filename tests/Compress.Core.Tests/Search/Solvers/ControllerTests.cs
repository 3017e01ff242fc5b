using Compress.Search.Solvers;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>The two controllers of AJPQ-like searches and the path search of FITCompress, as pure functions.</summary>
[TestClass]
public sealed class ControllerTests
{
    private const int Seed = 17;

    [TestMethod]
    public void Water_filling_gives_more_bits_to_more_importance_and_keeps_the_mean()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 100; trial++)
        {
            var importance = Enumerable.Range(0, 64).Select(_ => Math.Exp(random.NextDouble())).ToArray();
            var range = Enumerable.Range(0, 64).Select(_ => 0.5 + random.NextDouble()).ToArray();

            var bits = WaterFilling.Bits(5, importance, range, 2, 8);

            Assert.AreEqual(5, bits.Average(), 0.3, $"seed {Seed}, trial {trial}");
            var order = Enumerable.Range(0, 64).OrderBy(c => importance[c] * range[c] * range[c]).ToArray();
            for (var i = 1; i < 64; i++) Assert.IsGreaterThanOrEqualTo(bits[order[i - 1]], bits[order[i]]);
        }
    }

    [TestMethod]
    public void Water_filling_levels_the_noise_to_half_a_bit()
    {
        double[] importance = [1, 4, 16, 64, 2], range = [1, 1, 0.5, 1, 3];

        var bits = WaterFilling.Bits(5, importance, range, 0, 16);

        var noise = bits.Select((b, c) => Math.Log2(importance[c] * range[c] * range[c]) - (2 * b)).ToArray();
        Assert.IsLessThanOrEqualTo(2.0, noise.Max() - noise.Min());
    }

    [TestMethod]
    public void Water_filling_stays_within_its_bounds() =>
        CollectionAssert.AreEqual((int[])[2, 8], WaterFilling.Bits(5, [0, 1e9], [1, 1], 2, 8));

    [TestMethod]
    public void Bits_within_a_total_are_as_good_as_any()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 40; trial++)
        {
            double[] noise = [.. Enumerable.Range(0, 4).Select(_ => Math.Exp(4 * random.NextDouble()))];
            int[] widths = [2, 3, 4, 5];
            var total = random.Next(8, 21);
            double Left(IEnumerable<int> bits) => bits.Zip(noise, (b, n) => n * Math.Pow(4, -b)).Sum();

            var bits = WaterFilling.Within(total, noise, widths);

            var all = from a in widths from b in widths from c in widths from d in widths where a + b + c + d <= total select (int[])[a, b, c, d];
            Assert.IsLessThanOrEqualTo(total, bits.Sum());
            Assert.AreEqual(all.Min(Left), Left(bits), 1e-9, $"seed {Seed}, trial {trial}");
        }
    }

    [TestMethod]
    public void The_cross_entropy_method_finds_an_optimum_and_the_same_for_the_same_seed()
    {
        double Reward(double[] actions) => -actions.Select((a, i) => Math.Pow(a - (i / 11.0), 2)).Sum();

        var (first, second) = (CrossEntropy.Best(12, Reward, seed: 4), CrossEntropy.Best(12, Reward, seed: 4));

        CollectionAssert.AreEqual(first, second);
        for (var i = 0; i < 12; i++) Assert.AreEqual(i / 11.0, first[i], 0.1);
    }

    [TestMethod]
    public void Best_first_finds_shortest_paths()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 50; trial++)
        {
            // A grid walked right and down, with random lengths; dynamic programming knows the shortest.
            const int size = 7;
            var (right, down) = (Lengths(random, size), Lengths(random, size));
            var shortest = new double[size, size];
            for (var y = 0; y < size; y++)
                for (var x = 0; x < size; x++)
                    if (x + y > 0) shortest[y, x] = Math.Min(x > 0 ? shortest[y, x - 1] + right[y, x - 1] : double.PositiveInfinity, y > 0 ? shortest[y - 1, x] + down[y - 1, x] : double.PositiveInfinity);

            var goal = BestFirst.Search<Place>(new(0, 0, 0), at => Steps(at, right, down, size), _ => 0, at => at is { X: size - 1, Y: size - 1 }, at => $"{at.X} {at.Y}", expansions: 1000);

            Assert.AreEqual(shortest[size - 1, size - 1], goal!.Length, 1e-9, $"seed {Seed}, trial {trial}");
        }
    }

    [TestMethod]
    public void Best_first_goes_on_greedily_when_its_expansions_are_used_up()
    {
        var random = new Random(Seed);
        var (right, down) = (Lengths(random, 30), Lengths(random, 30));

        var goal = BestFirst.Search<Place>(new(0, 0, 0), at => Steps(at, right, down, 30), _ => 0, at => at is { X: 29, Y: 29 }, at => $"{at.X} {at.Y}", expansions: 20);

        Assert.IsNotNull(goal);
    }

    private static double[,] Lengths(Random random, int size)
    {
        var lengths = new double[size, size];
        for (var i = 0; i < size * size; i++) lengths[i / size, i % size] = 0.1 + random.NextDouble();
        return lengths;
    }

    private static IEnumerable<(Place, double)> Steps(Place at, double[,] right, double[,] down, int size)
    {
        if (at.X + 1 < size) yield return (new(at.X + 1, at.Y, at.Length + right[at.Y, at.X]), right[at.Y, at.X]);
        if (at.Y + 1 < size) yield return (new(at.X, at.Y + 1, at.Length + down[at.Y, at.X]), down[at.Y, at.X]);
    }

    private sealed record Place(int X, int Y, double Length);
}
