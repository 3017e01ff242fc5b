using Compress.Analysis;
using Compress.Data;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// One decision on channels, weight bits and activation bits. Damage is measured choice by choice, a knapsack picks under the budget, and what adds up
/// on paper is checked in truth: several weightings of the three kinds of damage are solved, carried out, and the plan whose outputs are nearest to
/// the float model's is kept. Without a budget: the smallest model that passes the gate, by bisection on its size.
/// </summary>
public sealed class AutoMethod : IMethod
{
    /// <summary>How much pruning and activations count against weights; infinity leaves channels alone.</summary>
    private static readonly (double Channels, double Activations)[] Weightings = [(1, 1), (double.PositiveInfinity, 1), (0.3, 1), (3, 1), (10, 1), (1, 3), (3, 3)];

    private const double LargestFactor = 40;
    private const int Bisections = 5;

    /// <summary>Bytes by which a file may differ from its sketch: constants that happen to be equal are stored once.</summary>
    internal const long Slack = 192;

    /// <summary>Relative squared error of the outputs that integers may cost where no gate says what is acceptable.</summary>
    private const double AcceptableDamage = 0.01;

    public Candidate Search(SearchContext context)
    {
        (context, var base8) = Arithmetic(Prunable.WithFixedCuts(context));
        if (!context.Facts.HasSamples || IsFixed(context)) return context.Measure(base8);
        context.Reporter.Stage("measuring what each choice costs in accuracy");
        var sensitivity = Sensitivity.Measure(context, activations: context.Policy.Budget?.Bops is not null || context.Policy.Quantize.Activations.Count > 1, channels: context.Policy.Prune is { Enabled: not false, Ratio: null });
        if (context.Policy.Budget is not null) return Within(context, sensitivity, Limits(context), base8);
        var builder = new ProblemBuilder(context, sensitivity, 1, 1);
        return Smallest(context, base8, limits => Solve(context, builder, limits, base8) is { } plan ? context.Build(plan) : null);
    }

    /// <summary>The fastest mix of integers and floats whose outputs stay near the float model's, and the model with it at the policy's widest bits.</summary>
    internal static (SearchContext Context, Candidate Candidate) Arithmetic(SearchContext context)
    {
        var (weights, activations) = (context.Policy.Quantize.Weights.DefaultIfEmpty(8).Max(), context.Policy.Quantize.Activations.DefaultIfEmpty(8).Max());
        var ranked = ArithmeticTrial.Ranked(context);
        foreach (var floats in ranked)
        {
            var variant = context with { FloatOperators = floats };
            var candidate = variant.Build(variant.Uniform(weights, activations));
            if (floats == ranked[^1] || !context.Facts.HasSamples) return (variant, candidate);
            if (context.Evaluator is null ? Damage(context, candidate) < AcceptableDamage : context.Measure(candidate).Passes) return (variant, candidate);
            context.Reporter.Stage("integers everywhere cost too much accuracy: trying fewer of them");
        }
        throw new InvalidOperationException("Float arithmetic is always among the variants.");
    }

    /// <summary>The policy leaves nothing to choose.</summary>
    private static bool IsFixed(SearchContext context) =>
        context.Policy is { Budget: null, Quantize: { Enabled: false } or { Weights.Count: 1 } } && (context.Policy.Prune.Enabled != true || context.Policy.Prune.Ratio is not null);

    internal static Dictionary<Resource, double> Limits(SearchContext context)
    {
        var (budget, floats) = (context.Policy.Budget!, context.FloatCosts);
        var limits = new Dictionary<Resource, double>();
        if (budget.Size is { } size) limits[Resource.Size] = size.Limit(context.FloatSize);
        if (budget.Macs is { } macs) limits[Resource.Macs] = macs.Limit(floats.Macs);
        if (budget.Bops is { } bops) limits[Resource.Bops] = bops.Limit(floats.Bops);
        if (budget.Latency is { } latency && context.FloatMilliseconds > 0) limits[Resource.Latency] = latency.Limit(context.FloatMilliseconds);
        return limits;
    }

    /// <summary>The best candidate within limits: each weighting is solved, its plan carried out on some of the samples and judged on the others.</summary>
    private static Candidate Within(SearchContext context, Sensitivity sensitivity, Dictionary<Resource, double> limits, Candidate start)
    {
        var plans = new Dictionary<string, (string Name, CompressionPlan Plan)>(StringComparer.Ordinal);
        foreach (var (channels, activations) in Weightings)
        {
            if (channels != 1 && (sensitivity.Channels.Count == 0 || !context.Policy.Quantize.Enabled)) continue;
            if (double.IsPositiveInfinity(channels) && limits.ContainsKey(Resource.Macs) || activations != 1 && sensitivity.Activations.Count == 0) continue;
            if (Timed(context, new ProblemBuilder(context, sensitivity, channels, activations), limits, start) is { } plan) plans.TryAdd(Signature(plan), ($"channels × {channels}, activations × {activations}", plan));
        }
        if (plans.Count == 0) return context.Measure(context.Build(Least(context, sensitivity)));
        var (fitted, heldBack) = Split(context);
        var best = plans.Values.Count == 1 ? plans.Values.First() : plans.Values.MinBy(entry =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var damage = Damage(heldBack, fitted.Build(entry.Plan));
            context.Reporter.Stage($"{entry.Name}: divergence {damage:0.#####}");
            return damage;
        });
        return context.Measure(context.Build(best.Plan));
    }

    /// <summary>
    /// Two thirds of the samples judge what was fitted on the others: where samples are few for a layer's width, a fit looks better on its own samples
    /// than it is.
    /// </summary>
    internal static (SearchContext Fitted, SearchContext HeldBack) Split(SearchContext context)
    {
        SearchContext Of(Func<int, bool> chosen) => context with { Facts = context.Facts with { Samples = [.. context.Facts.Samples.Where((_, i) => chosen(i))] } };
        return context.Facts.Samples.Count < 3 ? (context, context) : (Of(i => i % 3 == 0), Of(i => i % 3 != 0));
    }

    /// <summary>A plan that keeps the limits, the one on time by the clock.</summary>
    private static CompressionPlan? Timed(SearchContext context, ProblemBuilder builder, Dictionary<Resource, double> limits, Candidate start)
    {
        if (!limits.TryGetValue(Resource.Latency, out var limit)) return Solve(context, builder, limits, start);
        var problem = builder.Build(limits, 0);
        double Sum(CompressionPlan plan) => problem.Cost(Resource.Latency, builder.Options(plan));
        return LatencyBudget.Solve(context, limit, (start.Model, problem.Cost(Resource.Latency, new int[problem.Choices.Count])), sum =>
            Solve(context, builder, new(limits) { [Resource.Latency] = sum }, start) is { } plan ? (plan, Sum(plan)) : null);
    }

    /// <summary>A plan whose file keeps the limits. Bytes that the graph itself takes are learned from a sketch of it, so that a second solution fits.</summary>
    private static CompressionPlan? Solve(SearchContext context, ProblemBuilder builder, Dictionary<Resource, double> limits, Candidate start)
    {
        var problem = builder.Build(limits, 0);
        var fixedBytes = Math.Max(0, start.Size - problem.Cost(Resource.Size, new int[problem.Choices.Count]));
        for (var attempt = 0; attempt < 4; attempt++)
        {
            problem = builder.Build(limits, fixedBytes);
            if (Allocator.Solve(problem) is not { } options) return null;
            var plan = builder.Plan(options);
            if (!limits.TryGetValue(Resource.Size, out var limit) || context.SketchedSize(plan) + Slack is var size && size <= limit) return plan;
            fixedBytes += size - problem.Cost(Resource.Size, options) + 32;
        }
        return null;
    }

    /// <summary>The most that the choices allow: what a budget out of reach comes nearest to.</summary>
    private static CompressionPlan Least(SearchContext context, Sensitivity sensitivity)
    {
        var builder = new ProblemBuilder(context, sensitivity, 1, 1);
        return builder.Plan([.. builder.Build(new Dictionary<Resource, double>(), 0).Choices.Select(choice => choice.Values.Length - 1)]);
    }

    private static string Signature(CompressionPlan plan) =>
        string.Join(' ', plan.Layers.Select(layer => layer.Value.Bits).Concat(plan.ActivationBits.Values)) + string.Join(' ', plan.Cuts.Select(cut => $"{cut.Group}:{string.Join(',', cut.Kept)}"));

    /// <summary>Bisection on the size: the gate says how far it goes.</summary>
    /// <param name="attempt">The candidate that a method finds within limits.</param>
    internal static Candidate Smallest(SearchContext context, Candidate start, Func<Dictionary<Resource, double>, Candidate?> attempt)
    {
        var best = context.Measure(start);
        if (context.Evaluator is null || !best.Passes) return best;
        var (low, high) = (Math.Log((double)context.FloatSize / best.Size), Math.Log(LargestFactor));
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            var limits = new Dictionary<Resource, double> { [Resource.Size] = context.FloatSize / Math.Exp(middle) };
            var candidate = attempt(limits) is { } built ? context.Measure(built) : null;
            context.Reporter.Stage($"{Math.Exp(middle):0.#} times smaller: {(candidate is null ? "out of reach" : candidate.Passes ? "passes" : "misses the gate")}");
            if (candidate is { Passes: true }) (best, low) = (candidate, middle);
            else high = middle;
        }
        return best;
    }

    /// <summary>Divergence of the candidate's outputs from the float model's over the calibration samples, both on ONNX Runtime.</summary>
    internal static double Damage(SearchContext context, Candidate candidate)
    {
        using var exact = new Session(context.Facts.Model, new SessionSettings(context.Threads));
        using var actual = new Session(candidate.Model, new SessionSettings(context.Threads));
        double sum = 0;
        foreach (var batch in context.Facts.Samples)
        {
            var (reference, compressed) = (exact.Run(batch.Inputs), actual.Run(batch.Inputs));
            sum += reference.Sum(output => OutputDamage.Of(output.Value, compressed[output.Key], Sensitivity.OutputsAreLogits(context.Policy))) * batch.Samples / reference.Count;
        }
        return sum / context.Facts.Samples.Sum(batch => batch.Samples);
    }
}
