using Compress.Analysis.IndexMaps;

namespace Compress.Analysis;

/// <summary>Turns sets of tied positions into groups: sets of the same form are the channels of one group.</summary>
internal static class ChannelGroupCollector
{
    public static IReadOnlyList<ChannelGroup> Collect(AxisRelations axes)
    {
        var elements = axes.Elements;
        var producing = axes.Roles.Where(role => !role.Consumes).Select(role => elements.Of(role.Weight, role.WeightAxis)).ToHashSet();
        var roots = producing.SelectMany(axis => Enumerable.Range(axis.First, axis.Size)).Select(elements.Find).ToHashSet();

        var sets = roots.ToDictionary(root => root, root => new TiedSet(root, elements.IsOpen(root), []));
        foreach (var axis in elements.Axes)
            for (var i = 0; i < axis.Size; i++)
                if (sets.TryGetValue(elements.Find(axis.First + i), out var set)) set.Add(axis, i);

        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. sets.Values.OrderBy(set => set.FirstAmong(producing)).GroupBy(set => Form(set, producing), StringComparer.Ordinal)
                .Select(channels => Group([.. channels], axes))
                .Select(group => group with { Id = Unique(group.Id, ids) }),
        ];
    }

    /// <summary>Positions that are tied, by axis.</summary>
    private sealed record TiedSet(int Root, bool IsOpen, Dictionary<AxisElements.Axis, List<int>> Positions)
    {
        public void Add(AxisElements.Axis axis, int index)
        {
            if (!Positions.TryGetValue(axis, out var list)) Positions[axis] = list = [];
            list.Add(index);
        }

        public int FirstAmong(HashSet<AxisElements.Axis> axes) => Positions.Where(axis => axes.Contains(axis.Key)).Min(axis => axis.Key.First + axis.Value[0]);
    }

    /// <summary>Which axes a set touches and how often. Closed sets are told apart only by the weights that make them.</summary>
    private static string Form(TiedSet set, HashSet<AxisElements.Axis> producing) =>
        set.IsOpen
            ? string.Join(' ', set.Positions.OrderBy(axis => axis.Key.First).Select(axis => $"{axis.Key.First}x{axis.Value.Count}"))
            : $"closed {string.Join(' ', set.Positions.Keys.Where(producing.Contains).Select(axis => axis.First).Order())}";

    private static ChannelGroup Group(TiedSet[] channels, AxisRelations axes)
    {
        var slices = channels.SelectMany(channel => channel.Positions.Keys).Distinct().OrderBy(axis => axis.First).ToDictionary(
            axis => axis,
            axis => new AxisSlices(axis.Value, axis.Index, [.. channels.Select(channel => channel.Positions.TryGetValue(axis, out var list) ? list.ToArray() : [])]));
        AxisSlices? SlicesOf(string value, int axis) => slices.GetValueOrDefault(axes.Elements.Of(value, axis));

        List<GroupLayer> Layers(bool consume) =>
        [
            .. axes.Roles.Where(role => role.Consumes == consume).DistinctBy(role => (role.Node, role.Weight, role.WeightAxis))
                .Select(role => (role, Weight: SlicesOf(role.Weight, role.WeightAxis), Activation: SlicesOf(role.Value, role.ValueAxis)))
                .Where(layer => layer.Weight is not null && layer.Activation is not null)
                .Select(layer => new GroupLayer(LayerNames.Of(layer.role.Node), layer.role.Node.Op, layer.Weight!, layer.Activation!)),
        ];

        var producers = Layers(consume: false);
        return new ChannelGroup
        {
            Id = producers[0].Layer,
            Channels = channels.Length,
            Producers = producers,
            Consumers = Layers(consume: true),
            Constants = [.. slices.Where(slice => slice.Key.Constant).Select(slice => slice.Value)],
            Activations = [.. slices.Where(slice => !slice.Key.Constant).Select(slice => slice.Value)],
            Closed = axes.Elements.ClosedBecause(channels[0].Root) ?? (channels.Length == 1 ? "there is only one channel of its form" : null),
        };
    }

    private static string Unique(string id, Dictionary<string, int> ids)
    {
        ids[id] = ids.GetValueOrDefault(id) + 1;
        return ids[id] == 1 ? id : $"{id}#{ids[id]}";
    }
}
