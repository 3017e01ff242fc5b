using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>Cuts of channels, resolved to the positions that stay along every axis that loses some.</summary>
internal static class KeptPositions
{
    public static IReadOnlyDictionary<(string Value, int Axis), int[]> Of(ChannelGroupSet groups, IReadOnlyList<ChannelCut> cuts)
    {
        var removed = new Dictionary<(string, int), HashSet<int>>();
        foreach (var (group, channels) in Removed(groups, cuts))
            foreach (var slices in group.Constants.Concat(group.Activations))
                foreach (var channel in channels)
                {
                    if (!removed.TryGetValue((slices.Value, slices.Axis), out var positions)) removed[(slices.Value, slices.Axis)] = positions = [];
                    positions.UnionWith(slices.Indices[channel]);
                }
        return removed.ToDictionary(
            axis => axis.Key,
            axis => Enumerable.Range(0, (int)groups.Shapes[axis.Key.Item1].Dims[axis.Key.Item2]).Where(i => !axis.Value.Contains(i)).ToArray());
    }

    /// <summary>The channels that go, group by group; cuts that keep everything are left out.</summary>
    public static IEnumerable<(ChannelGroup Group, int[] Channels)> Removed(ChannelGroupSet groups, IReadOnlyList<ChannelCut> cuts)
    {
        foreach (var cut in cuts)
        {
            var group = groups.Groups.FirstOrDefault(group => group.Id == cut.Group) ?? throw Codes.CutUnknownGroup(cut.Group).Error();
            var ascending = cut.Kept.Zip(cut.Kept.Skip(1)).All(pair => pair.First < pair.Second);
            if (cut.Kept.Count == 0 || !ascending || cut.Kept[0] < 0 || cut.Kept[^1] >= group.Channels) throw Codes.CutInvalid(group.Id, group.Channels).Error();
            if (cut.Kept.Count == group.Channels) continue;
            if (group.Closed is { } why) throw Codes.CutClosedGroup(group.Id, why).Error();
            yield return (group, [.. Enumerable.Range(0, group.Channels).Except(cut.Kept)]);
        }
    }
}
