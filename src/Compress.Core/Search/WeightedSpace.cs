using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// The choices of a model as a knapsack whose measured damages can be weighed against each other: what choice by choice was measured does not quite add up,
/// and weights make up for that.
/// </summary>
internal sealed class WeightedSpace
{
    private const int Attempts = 4;

    /// <summary>Bytes beyond what the sketch of the last solution lacked.</summary>
    private const int Reserve = 32;

    private readonly SearchContext context;
    private readonly ProblemBuilder builder;
    private readonly Candidate start;
    private double fixedBytes;

    /// <param name="start">A candidate with the widest bits: what its file takes beyond its weights is taken to be the same for all.</param>
    /// <param name="channelSteps">In how many steps a group may shrink.</param>
    public WeightedSpace(SearchContext context, Sensitivity sensitivity, Candidate start, int channelSteps = 16)
    {
        (this.context, this.start) = (context, start);
        builder = new ProblemBuilder(context, sensitivity, 1, 1, channelSteps);
        var problem = Unlimited();
        Choices = problem.Choices.Count;
        fixedBytes = Math.Max(0, start.Size - problem.Cost(Resource.Size, new int[Choices]));
    }

    public int Choices { get; }

    public bool HasChannels => builder.Groups.Count > 0;

    public bool HasActivations => builder.Activations.Count > 0;

    public bool HasWeights => builder.Weights.Count > 0;

    /// <summary>The widths that a layer's weights may take; none where they are fixed.</summary>
    public int[] Widths(string layer) => builder.Weights.TryGetValue(layer, out var choice) ? Unlimited().Choices[choice].Values : [];

    /// <summary>One weight a kind of choice; that of weights is 1, and an infinite one leaves a kind alone.</summary>
    public double[] Weights(double channels, double activations)
    {
        var weights = new double[Choices];
        Array.Fill(weights, 1);
        foreach (var choice in builder.Groups.Values) weights[choice] = channels;
        foreach (var choice in builder.Activations.Values) weights[choice] = activations;
        return weights;
    }

    /// <summary>A plan whose file keeps the limits. Bytes that the graph itself takes are learned from a sketch of it, so that a second solution fits.</summary>
    public CompressionPlan? Solve(IReadOnlyDictionary<Resource, double> limits, double[] weights) => Within(limits, weights, Allocator.Solve);

    /// <summary>The plan within the limits that is next to another, with some choices of it changed by chance, and kept so: a little more here, made up for elsewhere.</summary>
    public CompressionPlan? Near(CompressionPlan plan, IReadOnlyDictionary<Resource, double> limits, double[] weights, Random random, int changes)
    {
        var (choices, options, held) = (Unlimited().Choices, builder.Options(plan), new HashSet<int>());
        for (var i = 0; i < changes; i++)
        {
            var choice = random.Next(options.Length);
            options[choice] = Math.Clamp(options[choice] + (random.Next(2) == 0 ? -1 : 1), 0, choices[choice].Values.Length - 1);
            held.Add(choice);
        }
        return Within(limits, weights, problem => Allocator.Near(problem, options, held));
    }

    /// <summary>The plan of this space within the limits that is next to one of another method's.</summary>
    public CompressionPlan? Near(CompressionPlan plan, IReadOnlyDictionary<Resource, double> limits, double[] weights) => Near(plan, limits, weights, new Random(0), changes: 0);

    private CompressionPlan? Within(IReadOnlyDictionary<Resource, double> limits, double[] weights, Func<ChoiceProblem, int[]?> solve)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var problem = Weighted(builder.Build(limits, fixedBytes), weights);
            if (solve(problem) is not { } options) return null;
            var plan = builder.Plan(options);
            if (context.Excess(plan, limits) is var excess && excess <= 0) return plan;
            fixedBytes += limits[Resource.Size] + excess - problem.Cost(Resource.Size, options) + Reserve;
        }
        return null;
    }

    /// <summary>The limits with one on the sum of the operators' times in place of one on the clock's: that of a plan which the clock has found fast enough.</summary>
    /// <param name="clock">Null: time is not limited.</param>
    public IReadOnlyDictionary<Resource, double>? BySum(LatencyBudget? clock, IReadOnlyDictionary<Resource, double> limits, double[] weights)
    {
        if (clock is null) return limits;
        var problem = builder.Build(limits, 0);
        double Sum(CompressionPlan plan) => problem.Cost(Resource.Latency, builder.Options(plan));
        IReadOnlyDictionary<Resource, double> With(double sum) => new Dictionary<Resource, double>(limits) { [Resource.Latency] = sum };
        var plan = clock.Solve((start.Model, problem.Cost(Resource.Latency, new int[Choices])), sum => Solve(With(sum), weights) is { } solved ? (solved, Sum(solved)) : null);
        return plan is null ? null : With(Sum(plan));
    }

    private ChoiceProblem Unlimited() => builder.Build(new Dictionary<Resource, double>(), 0);

    private static ChoiceProblem Weighted(ChoiceProblem problem, double[] weights) => problem with
    {
        Choices = [.. problem.Choices.Select((choice, c) => choice with { Damage = Array.ConvertAll(choice.Damage, damage => damage == 0 ? 0 : damage * weights[c]) })],
    };
}
