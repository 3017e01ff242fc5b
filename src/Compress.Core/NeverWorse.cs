using System.Collections.Immutable;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress;

/// <summary>
/// What is shipped is never worse than what came: it runs, is smaller and not slower, measured in turn. What a method found is exchanged for the same plan in
/// float arithmetic where that helps, else the model is passed on as it is, and a warning says why. A budget and a target for other machines are obeyed
/// all the same.
/// </summary>
internal static class NeverWorse
{
    /// <summary>Times of two equal models may differ by this share, or by this many milliseconds.</summary>
    private const double Noise = 1.05, NoiseMilliseconds = 0.01;

    /// <summary>A slower model must be slower in every one of these measurements.</summary>
    private const int Confirmations = 2;

    /// <summary>Codes of the warnings that say why a model is passed on as it came.</summary>
    public static readonly string[] Reasons = ["CMP5003", "CMP5011", "CMP5020", "CMP5022"];

    /// <param name="find">The best that the policy's method finds; null when there is nothing to search in.</param>
    /// <param name="forms">Forms of the model, the best first: where one is no better than what came, the next is asked.</param>
    /// <param name="time">Times a model, as the second, against the float model as it came; null: that one itself.</param>
    /// <returns>What to ship, null for the model as it is, with the times of both.</returns>
    public static (SearchContext Search, Candidate? Candidate, LatencyComparison Latency) Of(Func<SearchContext, Candidate?> find, IReadOnlyList<SearchContext> forms, Func<byte[]?, LatencyComparison> time)
    {
        for (var i = 0; ; i++)
        {
            var (shipped, against) = Judged(find, forms[i], time);
            if (shipped is var (candidate, latency)) return (forms[i], candidate, latency);
            if (i == forms.Count - 1) return (forms[i], PassedOn(forms[i], against!), time(null));
            forms[i].Reporter.Stage($"layers stay as they are: {against!.Message}");
        }
    }

    /// <summary>What may be shipped, or what speaks against it.</summary>
    private readonly record struct Judgement((Candidate Candidate, LatencyComparison Latency)? Shipped, Diagnostic? Against)
    {
        public static implicit operator Judgement((Candidate, LatencyComparison) shipped) => new(shipped, null);

        public static implicit operator Judgement(Diagnostic against) => new(null, against);
    }

    /// <summary>What a method found or its like in float arithmetic, with its times.</summary>
    private static Judgement Judged(Func<SearchContext, Candidate?> find, SearchContext search, Func<byte[]?, LatencyComparison> time)
    {
        var policy = search.Policy;
        var (found, refused) = RuntimeRefusal.Retried(find, search);
        if (refused is not null) return Codes.CandidateDoesNotRun(policy.Model.Location, refused);
        if (Pointless(found, search) is { } pointless) return pointless;
        var candidate = found!;
        LatencyComparison latency;
        try
        {
            latency = Confirmed(candidate.Model, time);
        }
        catch (CompressionException e) when (RuntimeRefusal.Is(e))
        {
            return Codes.CandidateDoesNotRun(policy.Model.Location, RuntimeRefusal.Reason(e));
        }
        if (!IsSlower(latency)) return (candidate, latency);
        var (slow, before) = (latency.Second.Minimum, latency.First.Minimum);
        if (!IsForOthers(policy.Target) && InFloat(candidate, search) is { } plain && Confirmed(plain.Model, time) is var other && !IsSlower(other))
        {
            search.Reporter.Stage($"integers take {slow:0.###} ms, the float model {before:0.###} ms: float arithmetic is kept, weights are stored in few bits");
            return (plain, other);
        }
        if (policy.Budget is null && !IsForOthers(policy.Target)) return Codes.NotFaster(policy.Model.Location, slow, before);
        // What QONNX is for has other arithmetic: how long its formula takes here tells nobody anything.
        if (policy.Target != Target.Qonnx) search.Reporter.Report(Codes.Slower(policy.Model.Location, slow, before));
        return (candidate, latency);
    }

    /// <summary>Null, with a warning, when the model itself is the better result.</summary>
    public static Candidate? Worthwhile(Candidate? candidate, SearchContext search) => Pointless(candidate, search) is { } why ? PassedOn(search, why) : candidate;

    private static Diagnostic? Pointless(Candidate? candidate, SearchContext search)
    {
        var at = search.Policy.Model.Location;
        if (candidate is not { Plan.ChangesNothing: false }) return Codes.NothingToCompress(at, WhyNothing(search));
        return candidate.Size < search.FloatSize || search.Policy.Budget is not null || search.Policy.Target == Target.Qonnx ? null : Codes.NotSmaller(at, candidate.Size, search.FloatSize);
    }

    /// <summary>Targets whose files are for other machines than this.</summary>
    private static bool IsForOthers(Target target) => target is Target.OnnxRuntimePlain or Target.Qonnx;

    private static Candidate? PassedOn(SearchContext search, Diagnostic why)
    {
        search.Reporter.Report(why);
        return null;
    }

    private static string WhyNothing(SearchContext search) =>
        search.Facts.Layers.Count + search.Facts.Tables.Count + search.SubGraphs.Count == 0 ? "it has no convolution and no dense layer with weights of its own"
        : search.Policy.Quantize.Enabled && search.Rules.Any(rule => rule is not { KeepFloat: true }) ? "in every layer fewer bits cost more accuracy than is allowed"
        : "policy and plan keep every layer in float";

    private static bool IsSlower(LatencyComparison latency) =>
        latency.Second.Minimum > latency.First.Minimum * Noise && latency.Second.Minimum - latency.First.Minimum > NoiseMilliseconds;

    private static LatencyComparison Confirmed(byte[] model, Func<byte[]?, LatencyComparison> time)
    {
        var latency = time(model);
        for (var again = 1; again < Confirmations && IsSlower(latency); again++) latency = time(model);
        return latency;
    }

    /// <summary>The same plan with float arithmetic throughout; null when it is trained for integers, does that already, misses the budget, is no smaller or worse than the gate allows.</summary>
    private static Candidate? InFloat(Candidate candidate, SearchContext search)
    {
        if (candidate.Plan.Trained is not null || candidate.Applied.Placement.Integer.Count + candidate.Plan.IntegerRecurrence.Count == 0) return null;
        var plan = candidate.Plan with
        {
            Layers = candidate.Plan.Layers.ToImmutableSortedDictionary(layer => layer.Key, layer => layer.Value with { Arithmetic = Arithmetic.Float }, StringComparer.Ordinal),
            ActivationBits = candidate.Plan.ActivationBits.Clear(),
            Grids = candidate.Plan.Grids.Clear(),
            DynamicRanges = candidate.Plan.DynamicRanges.Clear(),
            IntegerRecurrence = candidate.Plan.IntegerRecurrence.Clear(),
        };
        var built = search.Measure(search.Build(plan));
        return search.Missed(built) is null && built.Size < search.FloatSize && (built.Passes || !candidate.Passes) ? built : null;
    }
}
