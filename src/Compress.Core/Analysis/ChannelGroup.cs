namespace Compress.Analysis;

/// <summary>Positions along one axis of a value or constant: for each channel of a group, in the group's order, those that go with it (ascending).</summary>
public sealed record AxisSlices(string Value, int Axis, IReadOnlyList<int[]> Indices);

/// <summary>A layer with weights that makes or reads the channels of a group.</summary>
/// <param name="Layer">Name in the graph.</param>
/// <param name="Op">ONNX operator.</param>
/// <param name="Weight">The slices of its weights: output rows of a producer, input slices of a consumer.</param>
/// <param name="Activation">The positions of the channels in the value that it makes or reads.</param>
public sealed record GroupLayer(string Layer, string Op, AxisSlices Weight, AxisSlices Activation);

/// <summary>
/// Channels that can be removed from a model, each with everything that lives and dies with it.
/// All channels of a group have the same form: the same axes, equally many positions on each.
/// </summary>
public sealed record ChannelGroup
{
    /// <summary>Name of the first layer that makes the channels; "#2" and so on where that layer makes several groups.</summary>
    public required string Id { get; init; }

    public required int Channels { get; init; }

    /// <summary>Layers whose weights make the channels, in graph order.</summary>
    public required IReadOnlyList<GroupLayer> Producers { get; init; }

    /// <summary>Layers whose weights read the channels and sum over them: with zeros there, a channel counts for nothing.</summary>
    public required IReadOnlyList<GroupLayer> Consumers { get; init; }

    /// <summary>Every slice of a constant that goes with a channel: weights, biases, normalization parameters.</summary>
    public required IReadOnlyList<AxisSlices> Constants { get; init; }

    /// <summary>Every activation that loses positions.</summary>
    public required IReadOnlyList<AxisSlices> Activations { get; init; }

    /// <summary>Why no channel may go; null for a group that can be cut.</summary>
    public string? Closed { get; init; }

    /// <summary>Names of the layers that make or read the channels, in graph order.</summary>
    public IEnumerable<string> Layers => Producers.Concat(Consumers).Select(layer => layer.Layer).Distinct();

    /// <summary>Rows of the first producer that make one channel: 1 for a filter, the head size for an attention head.</summary>
    public int Width => Producers[0].Weight.Indices[0].Length;
}

/// <summary>The channel groups of one model, in graph order.</summary>
/// <param name="Groups">Open and closed ones.</param>
/// <param name="Shapes">Shape of every value for the feed from which the groups were found.</param>
/// <param name="Sizes">Numbers in constants that follow the sizes of axes.</param>
public sealed record ChannelGroupSet(IReadOnlyList<ChannelGroup> Groups, IReadOnlyDictionary<string, ValueFacts> Shapes, IReadOnlyList<IndexMaps.SizeParameter> Sizes)
{
    /// <summary>The groups that can be cut.</summary>
    public IEnumerable<ChannelGroup> Open => Groups.Where(group => group.Closed is null);
}
