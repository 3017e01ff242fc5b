using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Search;

/// <summary>Which channel groups may be cut under a policy, how many channels may go, and in which order they go.</summary>
public static class Prunable
{
    /// <summary>Share of a group's channels that always stays (PIC-PQ's safeguard).</summary>
    private const double LeastKept = 0.1;

    /// <summary>The open groups, but for those whose layers a rule of the policy leaves alone.</summary>
    public static IEnumerable<ChannelGroup> Groups(SearchContext context) => context.Facts.Groups.Open.Where(group => !IsPinned(context, group));

    /// <summary>The groups whose channels a search may choose: those for which the policy gives no share.</summary>
    public static IEnumerable<ChannelGroup> Free(SearchContext context) => Groups(context).Where(group => Share(context, group) is null);

    /// <summary>The share of a group's channels that goes because the policy says so: a rule for the layers that make them, the least of several, else the one of all groups.</summary>
    public static double? Share(SearchContext context, ChannelGroup group) =>
        context.Facts.Layers.Select((layer, i) => group.Producers.Any(producer => producer.Layer == layer.Name) ? context.Rules[i]?.PruneRatio : null).Min() ?? context.Policy.Prune.Ratio;

    /// <summary>The context with the cuts that the policy itself gives; the same where it gives none.</summary>
    public static SearchContext WithFixedCuts(SearchContext context) =>
        !Groups(context).Any(group => Share(context, group) is not null) ? context
        : context with { Cuts = [.. context.Policy.Prune.Spread == PruneSpread.Measured && context.Facts.HasSamples ? MeasuredShares.Cuts(context) : Uniform(context, group => Share(context, group) ?? 0, Orders(context))] };

    public static bool IsPinned(SearchContext context, ChannelGroup group) =>
        context.Facts.Layers.Where((layer, i) => context.Rules[i]?.Prune == false && group.Layers.Contains(layer.Name)).Any();

    /// <summary>How many channels of a group go for a share of them, once what stays is rounded up to the policy's multiple.</summary>
    public static int Removed(SearchContext context, ChannelGroup group, double share)
    {
        var multiple = context.Policy.Prune.KeepMultipleOf ?? 1;
        var kept = group.Channels - (int)Math.Floor((share * group.Channels) + 1e-9);
        var least = Math.Max(Math.Min(2, group.Channels), (int)Math.Ceiling(LeastKept * group.Channels));
        kept = (Math.Max(kept, least) + multiple - 1) / multiple * multiple;
        return group.Channels - Math.Min(kept, group.Channels);
    }

    /// <summary>
    /// How many channels may go, none first: in even steps, or, where the policy wants fewer operations or less time and names no multiple of its own, at
    /// the counts which make the kernels of this machine faster.
    /// </summary>
    /// <param name="steps">How many steps at most.</param>
    public static int[] Options(SearchContext context, ChannelGroup group, int steps)
    {
        var even = Math.Min(steps, group.Channels);
        IEnumerable<int> removed = Enumerable.Range(0, even).Select(step => Removed(context, group, (double)step / even));
        if (context.Policy is { Prune.KeepMultipleOf: null, Budget: { Macs: not null } or { Latency: not null } } && group.Width == 1 && group.Producers.Any(layer => layer.Op == "Conv"))
        {
            var least = group.Channels - Removed(context, group, 1);
            removed = KernelSteps.Of(context.Latencies, IsInteger(context, group)).Counts(group.Channels).Where(count => count >= least).Select(count => group.Channels - count);
            // Published methods always leave some.
            if (steps < int.MaxValue && OptionalBranch.Of(group, context.Facts) is not null) removed = removed.Append(group.Channels);
        }
        return [.. removed.Distinct().Order()];
    }

    private static bool IsInteger(SearchContext context, ChannelGroup group)
    {
        var layer = context.Facts.Layers.Select((layer, i) => (layer, i)).FirstOrDefault(entry => entry.layer.Name == group.Id);
        return layer.layer is not null && !context.FloatOperators.Contains(layer.layer.Node.Op) && context.Choice(layer.i, 8, 8).Arithmetic == Arithmetic.Integer;
    }

    /// <summary>The channels of a group that stay by the threshold rule of Zhang et al., as many more as the policy's multiple asks for.</summary>
    public static int[] Kept(SearchContext context, ChannelGroup group, double[] scores, double sparsity)
    {
        var kept = LowestShare.Kept(scores, sparsity);
        var removed = Removed(context, group, (double)(group.Channels - kept.Length) / group.Channels);
        return group.Channels - kept.Length <= removed ? kept : ByScore(scores).Kept(removed, group.Channels);
    }

    /// <summary>The same share of every group.</summary>
    public static IReadOnlyList<ChannelCut> Uniform(SearchContext context, double share, IReadOnlyDictionary<string, Elimination> orders) => Uniform(context, _ => share, orders);

    /// <summary>A share for each group.</summary>
    private static IReadOnlyList<ChannelCut> Uniform(SearchContext context, Func<ChannelGroup, double> share, IReadOnlyDictionary<string, Elimination> orders) =>
    [
        .. Groups(context).Select(group => (group, Removed: Removed(context, group, share(group)))).Where(cut => cut.Removed > 0)
            .Select(cut => new ChannelCut(cut.group.Id, orders[cut.group.Id].Kept(cut.Removed, cut.group.Channels))),
    ];

    /// <summary>
    /// For every group the order in which its channels go: exact least-squares loss where its readers have a matrix form, else the energy that a channel
    /// puts into them; without samples the magnitude of its weights.
    /// </summary>
    public static IReadOnlyDictionary<string, Elimination> Orders(SearchContext context)
    {
        var facts = context.Facts;
        var groups = Groups(context).ToList();
        var readers = groups.SelectMany(group => group.Consumers).Select(consumer => consumer.Layer).ToHashSet(StringComparer.Ordinal);
        var moments = facts.HasSamples
            ? LayerStatistics.Collect(facts, [.. facts.Layers.Where(layer => readers.Contains(layer.Name))], context.Threads, context.Cancellation)
            : new Dictionary<string, Moments>();
        var evidence = new MeasuredEvidence(facts.Model, facts.Groups, facts.Samples, context.Threads).With();
        return groups.ToDictionary(
            group => group.Id,
            group => ChannelReaders.Of(group, facts, moments, _ => 1) is { } exact
                ? ChannelElimination.Of(group.Channels, exact, context.Cancellation)
                : ByScore((facts.HasSamples && group.Consumers.Count > 0 ? (IChannelImportance)new ConsumerEnergy() : new WeightMagnitudeL2()).Score(group, evidence)),
            StringComparer.Ordinal);
    }

    /// <summary>The lowest score goes first; scores that are damages add up.</summary>
    public static Elimination ByScore(double[] scores)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderBy(channel => scores[channel]).ThenBy(channel => channel).SkipLast(1)];
        var costs = new double[order.Length];
        for (var i = 0; i < order.Length; i++) costs[i] = scores[order[i]] + (i > 0 ? costs[i - 1] : 0);
        return new Elimination(order, costs);
    }
}
