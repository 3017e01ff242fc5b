using Compress.Analysis;
using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// Shares of channels where they hurt least: groups that the policy gives the same share lose it together. What each number of channels costs the outputs
/// is measured group by group; the cheapest numbers that add up are found exactly.
/// </summary>
internal static class MeasuredShares
{
    /// <summary>Numbers of channels that are looked at in each group.</summary>
    private const int Steps = 48;

    public static IReadOnlyList<ChannelCut> Cuts(SearchContext context)
    {
        var shared = Prunable.Groups(context).Where(group => Prunable.Share(context, group) is > 0).ToList();
        context.Reporter.Stage($"measuring what channels of {shared.Count} groups cost in accuracy");
        var costs = Costs(context, shared);
        return
        [
            .. shared.GroupBy(group => Prunable.Share(context, group)!.Value).SelectMany(set => Removed(context, [.. set], set.Key, costs)).Where(cut => cut.Removed > 0)
                .Select(cut => new ChannelCut(cut.Group.Id, costs[cut.Group.Id].Kept(cut.Removed, cut.Group.Channels))),
        ];
    }

    /// <summary>Measured where the layers that read a group have a matrix form.</summary>
    private static Dictionary<string, Elimination> Costs(SearchContext context, IReadOnlyList<ChannelGroup> groups)
    {
        var facts = context.Facts;
        var readers = groups.SelectMany(group => group.Consumers).Select(consumer => consumer.Layer).ToHashSet(StringComparer.Ordinal);
        var moments = LayerStatistics.Collect(facts, [.. facts.Layers.Where(layer => readers.Contains(layer.Name))], context.Threads, context.Cancellation);
        var damage = new ChannelDamage(context, Sensitivity.Probed(facts));
        var others = new Lazy<IReadOnlyDictionary<string, Elimination>>(() => Prunable.Orders(context));
        return groups.ToDictionary(group => group.Id, group => ChannelReaders.Of(group, facts, moments, _ => 1) is { } exact ? damage.Of(group, exact) : others.Value[group.Id], StringComparer.Ordinal);
    }

    private static IEnumerable<(ChannelGroup Group, int Removed)> Removed(SearchContext context, IReadOnlyList<ChannelGroup> groups, double share, Dictionary<string, Elimination> costs)
    {
        var options = groups.Select(group => Counts(context, group).Select(count => (count, costs[group.Id].CostOf(count))).ToArray()).ToList();
        return groups.Zip(Cheapest(options, groups.Sum(group => Prunable.Removed(context, group, share))));
    }

    private static IEnumerable<int> Counts(SearchContext context, ChannelGroup group) =>
        Enumerable.Range(0, Steps + 1).Select(step => Prunable.Removed(context, group, (double)step / Steps)).Distinct();

    /// <summary>One option of each list: together at least <paramref name="wanted"/>, at the least sum of damages.</summary>
    internal static int[] Cheapest(IReadOnlyList<(int Count, double Damage)[]> options, int wanted)
    {
        var least = new double[wanted + 1];
        Array.Fill(least, double.PositiveInfinity, 1, wanted);
        var taken = new (int Count, int Before)[options.Count, wanted + 1];
        for (var i = 0; i < options.Count; i++)
        {
            var next = new double[wanted + 1];
            Array.Fill(next, double.PositiveInfinity);
            foreach (var (count, damage) in options[i])
                for (var before = 0; before <= wanted; before++)
                {
                    var sum = Math.Min(before + count, wanted);
                    if (least[before] + damage < next[sum]) (next[sum], taken[i, sum]) = (least[before] + damage, (count, before));
                }
            least = next;
        }
        var chosen = new int[options.Count];
        for (var (i, sum) = (options.Count - 1, wanted); i >= 0; i--) (chosen[i], sum) = taken[i, sum];
        return chosen;
    }
}
