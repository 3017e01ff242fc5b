using Compress.Analysis;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Search;

/// <summary>
/// Greedy layerwise pruning and uniform quantization (Zhang, Colbert, Das: "Learning low-precision structured subnetworks using joint layerwise channel
/// pruning and uniform quantization", Appl. Sci. 12:7829). Sites are pruned from the input on, each ranked by the network whose earlier sites are pruned
/// already; then weights and activations get the same bits everywhere, with the largest weight (Alg. 3) and the mean extremes of activations (Alg. 2) as
/// ranges. What the paper recovers by training is refitted by least squares here, as in all methods.
/// </summary>
public sealed class LayerwiseMethod : IMethod
{
    /// <summary>Samples that channels are ranked on.</summary>
    internal const int RankingSamples = 256;

    /// <summary>The least of the published sparsities, for a policy that asks for nothing.</summary>
    private const double Published = 0.5;

    /// <summary>Where only the gate says how far to go: the first that passes.</summary>
    private static readonly double[] Sparsities = [0.75, Published, 0.25, 0.125, 0];

    /// <summary>Sparsities that are tried for a budget are multiples of one in this many.</summary>
    private const int Steps = 64;

    public Candidate Search(SearchContext context)
    {
        context = WithPublishedQuantizers(context);
        if (!context.Facts.HasSamples) return context.Measure(context.Build(Plan(Prunable.WithFixedCuts(context))));
        if (context.Policy.Prune.Enabled == false) return At(context, 0);
        if (context.Policy.Prune.Ratio is { } ratio) return At(context, ratio);
        if (context.Policy.Budget is not null) return At(context, Least(sparsity => Fits(context, sparsity)));
        if (!context.IsGated) return At(context, Published);
        Candidate? best = null;
        foreach (var sparsity in Sparsities)
            if ((best = At(context, sparsity)).Passes || !context.Course.GoesOn(1 - sparsity)) break;
        return best!;
    }

    /// <summary>The paper's quantizers and the fastest mix of integers and floats, unless the policy names others.</summary>
    private static SearchContext WithPublishedQuantizers(SearchContext context)
    {
        var policy = context.Policy;
        if (policy.Quantize.Rounding == Rounding.Auto) policy = policy with { Quantize = policy.Quantize with { Rounding = Rounding.Max } };
        if (policy.Calibration is { Range: RangeMethod.Auto } calibration) policy = policy with { Calibration = calibration with { Range = RangeMethod.MeanMinMax } };
        context = context with { Policy = policy };
        return ArithmeticTrial.Ranked(context)[0];
    }

    private static CompressionPlan Plan(SearchContext context) =>
        UniformPlan.Of(context, context.Policy.Quantize.Weights.DefaultIfEmpty(8).Max(), context.Policy.Quantize.Activations.DefaultIfEmpty(8).Max());

    private static Candidate At(SearchContext context, double sparsity)
    {
        var cuts = SequentialRanking.Cuts(context, sparsity, RankingSamples);
        context = context with { Cuts = [.. cuts] };
        var candidate = context.Measure(context.Build(Plan(context)));
        var density = candidate.Metric is { } metric ? $", {PerformanceDensity.Of(metric.Value, Weights(candidate), Activations(candidate)):0.##} of the metric per megabit" : "";
        context.Reporter.Stage($"sparsity {sparsity:0.###}: {candidate.Size / 1000.0:0.#} KB{density}");
        return candidate;
    }

    /// <summary>The smallest sparsity that is enough, by bisection; the largest when none is.</summary>
    private static double Least(Func<double, bool> fits)
    {
        var (low, high) = (-1, Steps - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (fits((double)middle / Steps)) high = middle;
            else low = middle;
        }
        return (double)high / Steps;
    }

    /// <summary>Whether a sparsity meets the budget. Which channels go is not asked: costs hang on their number alone.</summary>
    private static bool Fits(SearchContext context, double sparsity)
    {
        var cuts = Prunable.Groups(context).Where(group => (Prunable.Share(context, group) ?? sparsity) > 0)
            .Select(group => new ChannelCut(group.Id, Prunable.Kept(context, group, [.. Enumerable.Range(0, group.Channels).Select(i => (double)i)], Prunable.Share(context, group) ?? sparsity)));
        context = context with { Cuts = [.. cuts] };
        var plan = Plan(context);
        return context.Missed(context.Sketch(plan)) is null && LatencyBudget.Of(context)?.Keeps(plan) != false;
    }

    private static PerformanceDensity.Storage Weights(Candidate candidate) =>
        Stored(candidate, (shape, bits) => (shape.Weights, bits.Weights));

    private static PerformanceDensity.Storage Activations(Candidate candidate) =>
        Stored(candidate, (shape, bits) => (shape.Positions * shape.OutChannels, bits.Output));

    private static PerformanceDensity.Storage Stored(Candidate candidate, Func<LayerShape, LayerBits, (long Count, double Bits)> part)
    {
        var parts = candidate.Applied.Shapes.Select(shape => part(shape, PlanCosts.Bits(shape, candidate.Plan, candidate.Applied.Placement))).ToList();
        var count = parts.Sum(one => one.Count);
        return new PerformanceDensity.Storage(count, count == 0 ? 0 : parts.Sum(one => one.Count * one.Bits) / count);
    }
}
