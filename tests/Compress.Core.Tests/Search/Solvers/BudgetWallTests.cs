using Compress.Analysis;
using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>Budgets hold whatever was wished for, and nothing is taken that need not be.</summary>
[TestClass]
public sealed class BudgetWallTests
{
    private const int Seed = 11;

    [TestMethod]
    public void The_wall_lets_pass_what_fits_and_clips_what_does_not()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var problem = Chain(random, limit: 0.05 + (0.9 * random.NextDouble()));
            int[] wished = [.. problem.Choices.Select(choice => random.Next(choice.Values.Length))];
            int[] order = [.. Enumerable.Range(0, wished.Length)];

            var options = BudgetWall.Clip(problem, wished, order);

            var reachable = BudgetWall.Fits(problem, [.. problem.Choices.Select(choice => choice.Values.Length - 1)]);
            Assert.AreEqual(reachable, BudgetWall.Fits(problem, options), $"seed {Seed}, trial {trial}");
            if (BudgetWall.Fits(problem, wished)) CollectionAssert.AreEqual(wished, options);
            for (var c = 0; c < wished.Length; c++) Assert.IsGreaterThanOrEqualTo(wished[c], options[c]);
        }
    }

    [TestMethod]
    public void Loosened_options_fit_and_none_could_be_nearer_to_the_wish()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var problem = Chain(random, limit: 0.05 + (0.9 * random.NextDouble()));
            int[] wished = [.. problem.Choices.Select(choice => random.Next(choice.Values.Length))];
            var fitting = BudgetWall.Clip(problem, [.. problem.Choices.Select((choice, c) => random.Next(wished[c], choice.Values.Length))], [.. Enumerable.Range(0, wished.Length)]);
            if (!BudgetWall.Fits(problem, fitting)) continue;

            var options = BudgetWall.Loosen(problem, fitting, wished);

            Assert.IsTrue(BudgetWall.Fits(problem, options));
            for (var c = 0; c < wished.Length; c++)
            {
                Assert.IsTrue(options[c] >= wished[c] && options[c] <= fitting[c]);
                if (options[c] == wished[c]) continue;
                options[c]--;
                Assert.IsFalse(BudgetWall.Fits(problem, options), $"seed {Seed}, trial {trial}");
                options[c]++;
            }
        }
    }

    [TestMethod]
    public void The_sweep_ends_within_the_limits_or_says_that_none_can()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var problem = Chain(random, limit: 0.02 + (0.9 * random.NextDouble()));
            int[] start = [.. problem.Choices.Select(choice => random.Next(choice.Values.Length))];

            var options = BudgetWall.Sweep(problem, start, [.. Enumerable.Range(0, start.Length)]);

            Assert.AreEqual(BudgetWall.Fits(problem, [.. problem.Choices.Select(choice => choice.Values.Length - 1)]), options is not null);
            if (options is null) continue;
            Assert.IsTrue(BudgetWall.Fits(problem, options));
            if (BudgetWall.Fits(problem, start)) CollectionAssert.AreEqual(start, options);
        }
    }

    [TestMethod]
    public void The_sweep_starts_at_the_last_choice()
    {
        var problem = Chain(new Random(Seed), limit: 0.999);

        var options = BudgetWall.Sweep(problem, new int[problem.Choices.Count], [.. Enumerable.Range(0, problem.Choices.Count)])!;

        Assert.AreEqual(1, options[^1]);
        Assert.AreEqual(1, options.Sum());
    }

    /// <summary>Four layers in a row under a limit on bit operations: bits of each, channels between them.</summary>
    private static ChoiceProblem Chain(Random random, double limit)
    {
        var choices = new List<Choice>();
        for (var l = 0; l < 4; l++) choices.Add(new Choice($"bits {l}", [8, 6, 4, 2], [0, random.NextDouble(), 1 + random.NextDouble(), 3]));
        for (var g = 0; g < 3; g++) choices.Add(new Choice($"channels {g}", [0, 4, 8], [0, random.NextDouble(), 2]));
        choices.Add(new Choice("last", [8, 4], [0, 1]));
        var layers = Enumerable.Range(0, 4).Select(l => new LayerTerm(new LayerShape($"{l}", "Conv", 16, 16, 1, 9, 64), l, 8, l == 3 ? 7 : -1, 8, l > 0 ? [(3 + l, 1)] : [], l < 3 ? [(4 + l, 1)] : [])).ToList();
        var problem = new ChoiceProblem(choices, layers, new Dictionary<Resource, double>());
        return problem with { Limits = new Dictionary<Resource, double> { [Resource.Bops] = limit * problem.Cost(Resource.Bops, new int[choices.Count]) } };
    }
}
