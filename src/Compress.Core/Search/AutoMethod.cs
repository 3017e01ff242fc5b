using Compress.Analysis;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// One decision on channels, weight bits and activation bits. Damage is measured choice by choice, a knapsack picks under the budget, and what adds up
/// on paper is corrected by what plans do in truth (<see cref="JointSearch"/>). Without a budget: the smallest model that passes the gate, by bisection on
/// its size.
/// </summary>
public sealed class AutoMethod : IMethod
{
    /// <summary>Bytes by which a file may differ from its sketch: constants that happen to be equal are stored once.</summary>
    internal const long Slack = 192;

    /// <summary>Relative squared error of the outputs that integers may cost where no gate says what is acceptable.</summary>
    private const double AcceptableDamage = 0.01;

    /// <summary>Where dynamic ranges alone are not enough, they are kept if the damage falls below this share.</summary>
    private const double WorthDynamic = 0.8;

    public Candidate Search(SearchContext context)
    {
        context = Prunable.WithFixedCuts(context);
        (context, var base8) = Arithmetic(context);
        if (!context.Facts.HasSamples || IsFixed(context.Policy) || (context.Policy.Budget is null && !context.IsGated)) return context.Measure(base8);
        context.Reporter.Stage("measuring what each choice costs in accuracy");
        var (policy, activations) = (context.Policy, context.Policy.Budget?.Bops is not null || context.Policy.Quantize.Activations.Count > 1);
        var channels = policy.Prune is { Enabled: not false, Ratio: null };
        var sensitivity = context.Memory.Sensitivity(activations, channels, () => Sensitivity.Measure(context, activations, channels));
        if (policy.Budget is null)
        {
            var space = new WeightedSpace(context, sensitivity, base8);
            return GateBisection.Smallest(context, base8, limits => space.Solve(limits, space.Weights(1, 1)) is { } plan ? context.Build(plan) : null);
        }
        return context.Measure(context.Build(new JointSearch(context, sensitivity, base8, Limits(context)).Best() ?? Least(context, sensitivity)));
    }

    /// <summary>
    /// The fastest mix of integers and floats whose outputs stay near the float model's, and the model with it at the policy's widest bits. Where static ranges are
    /// not near enough, dynamic ones are tried; where no mix is, single layers go back to float; where not even rounded weights are and the policy asks for no width,
    /// weights too.
    /// </summary>
    internal static (SearchContext Context, Candidate Candidate) Arithmetic(SearchContext context)
    {
        var (weights, activations) = (context.Policy.Quantize.Weights.DefaultIfEmpty(8).Max(), context.Policy.Quantize.Activations.DefaultIfEmpty(8).Max());
        Candidate Build(SearchContext variant) => variant.Build(UniformPlan.Of(variant, weights, activations));
        // What training has changed since is not what integers cost.
        bool IsGood(Candidate candidate) => context.IsGated ? context.Measure(candidate).Passes : Damage(context with { Original = null }, candidate) < AcceptableDamage;

        context = PackedTrial.Decided(context);
        var ranked = ArithmeticTrial.Ranked(context);
        var inFloat = ranked.MaxBy(variant => variant.FloatOperators.Count)!;
        if (!context.Facts.HasSamples || !context.Policy.Quantize.Enabled) return (inFloat, Build(inFloat));
        (SearchContext Context, Candidate Candidate)? fastest = null;
        foreach (var variant in ranked.TakeWhile(variant => variant != inFloat))
        {
            var candidate = Build(variant);
            if (IsGood(candidate)) return (variant, candidate);
            if (LayerFallback.OfRanges(variant, candidate, Build, IsGood) is { } dynamic) return dynamic;
            fastest ??= (variant, candidate);
            context.Reporter.Stage("integers everywhere cost too much accuracy: trying fewer of them");
        }
        var last = (Context: inFloat, Candidate: Build(inFloat));
        if (IsGood(last.Candidate)) return (fastest is { } missed ? LayerFallback.OfArithmetic(Nearer(missed, Build), Build, IsGood) : null) ?? last;
        var isFree = context.Policy is { Budget: null, Quantize.Weights.Count: 0 };
        return (isFree ? LayerFallback.OfWeights(last.Context, last.Candidate, Build, IsGood) : null) ?? last;
    }

    /// <summary>What is not good enough, with dynamic ranges where that is nearer to the float model.</summary>
    private static (SearchContext Context, Candidate Candidate) Nearer((SearchContext Context, Candidate Candidate) missed, Func<SearchContext, Candidate> build)
    {
        if (LayerFallback.StaticRanges(missed.Context, missed.Candidate) is not { Count: > 0 } ranges) return missed;
        var context = LayerFallback.Dynamic(missed.Context, ranges);
        var candidate = build(context);
        return Damage(context, candidate) < WorthDynamic * Damage(context, missed.Candidate) ? (context, candidate) : missed;
    }

    /// <summary>The policy leaves nothing to choose.</summary>
    internal static bool IsFixed(ModelPolicy policy) =>
        policy is { Budget: null, Quantize: { Enabled: false } or { Weights.Count: 1 } } && (policy.Prune.Enabled != true || policy.Prune.Ratio is not null);

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

    /// <summary>
    /// Two thirds of the samples judge what was fitted on the others: where samples are few for a layer's width, a fit looks better on its own samples
    /// than it is.
    /// </summary>
    internal static (SearchContext Fitted, SearchContext HeldBack) Split(SearchContext context)
    {
        SearchContext Of(Func<int, bool> chosen) => context with { Facts = context.Facts with { Samples = [.. context.Facts.Samples.Where((_, i) => chosen(i))] } };
        return context.Facts.Samples.Count < 3 ? (context, context) : (Of(i => i % 3 == 0), Of(i => i % 3 != 0));
    }

    /// <summary>The most that the choices allow: what a budget out of reach comes nearest to.</summary>
    private static CompressionPlan Least(SearchContext context, Sensitivity sensitivity)
    {
        var builder = new ProblemBuilder(context, sensitivity, 1, 1);
        return builder.Plan([.. builder.Build(new Dictionary<Resource, double>(), 0).Choices.Select(choice => choice.Values.Length - 1)]);
    }

    /// <summary>Divergence of the candidate's outputs from the float model's over the calibration samples, both on ONNX Runtime.</summary>
    internal static double Damage(SearchContext context, Candidate candidate)
    {
        using var actual = new Session(candidate.Model, new SessionSettings(context.Threads));
        return Damage(context, actual);
    }

    /// <summary>The same of a model that is not a candidate.</summary>
    internal static double Damage(SearchContext context, OnnxModel model)
    {
        using var actual = new Session(model, new SessionSettings(context.Threads));
        return Damage(context, actual);
    }

    private static double Damage(SearchContext context, Session actual)
    {
        using var exact = new Session(context.Original ?? context.Facts.Model, new SessionSettings(context.Threads));
        double sum = 0;
        foreach (var batch in context.Facts.Samples)
        {
            var (reference, compressed) = (exact.Run(batch.Inputs), actual.Run(batch.Inputs));
            sum += reference.Sum(output => OutputDamage.Of(output.Value, compressed[output.Key], output.Key == context.Scores)) * batch.Samples / reference.Count;
        }
        return sum / context.Facts.Samples.Sum(batch => batch.Samples);
    }
}
