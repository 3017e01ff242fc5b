using Compress.Analysis;
using Compress.Plan;

namespace Compress.Core.Tests.Plan;

/// <summary>The knapsack against all combinations, and against dynamic programming where costs are plain sums.</summary>
[TestClass]
public sealed class AllocatorTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Limits_hold_and_damage_is_near_the_best_of_all_combinations()
    {
        var (found, best, worst) = (0.0, 0.0, 1.0);
        for (var seed = 1; seed <= 150; seed++)
        {
            var problem = Products(seed);
            var least = BestOfAll(problem);
            var options = Allocator.Solve(problem);
            if (least is null)
            {
                Assert.IsTrue(options is null, $"seed {seed}: solved although nothing fits");
                continue;
            }
            Assert.IsNotNull(options, $"seed {seed}: a solution exists");
            AssertFits(problem, options, seed);
            found += problem.Damage(options);
            best += least.Value;
            worst = Math.Max(worst, problem.Damage(options) / Math.Max(least.Value, 1e-9));
        }
        TestContext.WriteLine($"damage {found:0.###} where {best:0.###} is the least, worst ratio {worst:0.##}");
        Assert.IsLessThan(1.05 * best, found);
        Assert.IsLessThan(2, worst);
    }

    [TestMethod]
    public void Sums_of_costs_come_near_dynamic_programming()
    {
        var (found, best) = (0.0, 0.0);
        for (var seed = 1; seed <= 20; seed++)
        {
            var problem = Sums(seed, layers: 30);
            var options = Allocator.Solve(problem);
            Assert.IsNotNull(options, $"seed {seed}");
            AssertFits(problem, options, seed);
            found += problem.Damage(options);
            best += DynamicProgramming(problem);
        }
        TestContext.WriteLine($"damage {found:0.####} where {best:0.####} is the least");
        Assert.IsLessThan(1.02 * best, found);
    }

    [TestMethod]
    public void A_solution_next_to_another_keeps_what_is_held_and_the_limits()
    {
        var moved = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var problem = Products(seed);
            if (Allocator.Solve(problem) is not { } solved) continue;
            var (options, held) = ((int[])solved.Clone(), seed % solved.Length);
            options[held] = (options[held] + 1) % problem.Choices[held].Values.Length;
            var given = (int[])options.Clone();

            var near = Allocator.Near(problem, options, new HashSet<int> { held });

            CollectionAssert.AreEqual(given, options, $"seed {seed}");
            CollectionAssert.AreEqual(solved, Allocator.Near(problem, solved, new HashSet<int>()), $"seed {seed}: a solution is next to itself");
            if (near is null) continue;
            AssertFits(problem, near, seed);
            Assert.AreEqual(given[held], near[held], $"seed {seed}");
            moved++;
        }
        Assert.IsGreaterThan(20, moved);
    }

    [TestMethod]
    public void Without_a_limit_in_reach_nothing_is_given_up()
    {
        var problem = Sums(seed: 1, layers: 10);

        CollectionAssert.AreEqual(new int[10], Allocator.Solve(problem with { Limits = new Dictionary<Resource, double>() }));
        CollectionAssert.AreEqual(new int[10], Allocator.Solve(problem with { Limits = new Dictionary<Resource, double> { [Resource.Size] = problem.Cost(Resource.Size, new int[10]) } }));
        Assert.IsNull(Allocator.Solve(problem with { Limits = new Dictionary<Resource, double> { [Resource.Size] = 1 } }));
    }

    private static void AssertFits(ChoiceProblem problem, int[] options, int seed)
    {
        foreach (var (resource, limit) in problem.Limits) Assert.IsLessThanOrEqualTo(limit * (1 + 1e-9), problem.Cost(resource, options), $"seed {seed}, {resource}");
    }

    /// <summary>A chain of layers whose costs are products: channels in × channels out × weight bits × activation bits. Six choices, two limits.</summary>
    private static ChoiceProblem Products(int seed)
    {
        var random = new Random(seed);
        var choices = new List<Choice>();
        int Add(string name, int[] values, double scale)
        {
            var damage = new double[values.Length];
            for (var i = 1; i < damage.Length; i++) damage[i] = damage[i - 1] + (scale * random.NextDouble() * Math.Pow(2, i));
            choices.Add(new Choice(name, values, damage));
            return choices.Count - 1;
        }
        int[] weights = [.. Enumerable.Range(0, 3).Select(i => Add($"weights {i}", [8, 6, 4, 3, 2], random.NextDouble()))];
        var activation = Add("activations", [8, 6, 4], random.NextDouble());
        int[] groups = [.. Enumerable.Range(0, 2).Select(i => Add($"channels {i}", [0, 2, 4, 8], random.NextDouble()))];
        long[] widths = [3, 16, 12, 10];
        var layers = Enumerable.Range(0, 3).Select(i => new LayerTerm(
            new LayerShape($"layer {i}", "Conv", widths[i], widths[i + 1], 1, 9, 64), weights[i], 8, i == 1 ? activation : -1, 8,
            i > 0 ? [(groups[i - 1], 1)] : [], i < 2 ? [(groups[i], 1)] : [])).ToList();
        var free = new ChoiceProblem(choices, layers, new Dictionary<Resource, double>());
        var zero = new int[choices.Count];
        return free with
        {
            Limits = new Dictionary<Resource, double>
            {
                [Resource.Size] = free.Cost(Resource.Size, zero) * (0.15 + (0.7 * random.NextDouble())),
                [seed % 2 == 0 ? Resource.Bops : Resource.Macs] = free.Cost(seed % 2 == 0 ? Resource.Bops : Resource.Macs, zero) * (0.2 + (0.7 * random.NextDouble())),
            },
        };
    }

    private static ChoiceProblem Sums(int seed, int layers)
    {
        var random = new Random(seed);
        var choices = Enumerable.Range(0, layers).Select(i =>
        {
            var scale = Math.Exp(3 * random.NextDouble());
            return new Choice($"{i}", [8, 7, 6, 5, 4, 3, 2], [.. Enumerable.Range(0, 7).Select(o => scale * Math.Pow(4, o - 6) * (0.7 + (0.6 * random.NextDouble())))]);
        }).ToList();
        var terms = choices.Select((_, i) => new LayerTerm(new LayerShape($"{i}", "Conv", 8 * random.Next(1, 5), 8, 1, 1, 1), i, 8, -1, 8, [], [])).ToList();
        var free = new ChoiceProblem(choices, terms, new Dictionary<Resource, double>());
        var (most, least) = (free.Cost(Resource.Size, new int[layers]), free.Cost(Resource.Size, [.. Enumerable.Repeat(6, layers)]));
        return free with { Limits = new Dictionary<Resource, double> { [Resource.Size] = Math.Floor(least + ((most - least) * (0.2 + (0.5 * random.NextDouble())))) } };
    }

    private static double? BestOfAll(ChoiceProblem problem)
    {
        double? best = null;
        var options = new int[problem.Choices.Count];
        while (true)
        {
            if (problem.Damage(options) < (best ?? double.PositiveInfinity) && problem.Limits.All(limit => problem.Cost(limit.Key, options) <= limit.Value)) best = problem.Damage(options);
            var c = 0;
            while (c < options.Length && ++options[c] == problem.Choices[c].Values.Length) options[c++] = 0;
            if (c == options.Length) return best;
        }
    }

    /// <summary>Least damage for every number of bytes, layer after layer.</summary>
    private static double DynamicProgramming(ChoiceProblem problem)
    {
        var limit = (int)problem.Limits[Resource.Size];
        var best = new double[limit + 1];
        for (var layer = 0; layer < problem.Choices.Count; layer++)
        {
            var next = Enumerable.Repeat(double.PositiveInfinity, limit + 1).ToArray();
            for (var option = 0; option < problem.Choices[layer].Values.Length; option++)
            {
                var options = new int[problem.Choices.Count];
                options[layer] = option;
                var bytes = (int)problem.Cost(Resource.Size, problem.Layers[layer], options);
                for (var used = bytes; used <= limit; used++) next[used] = Math.Min(next[used], best[used - bytes] + problem.Choices[layer].Damage[option]);
            }
            best = next;
        }
        return best.Min();
    }
}
