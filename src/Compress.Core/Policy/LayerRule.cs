using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A rule for layers, by name pattern, operator type or position. Null members are not set by the rule.</summary>
public sealed record LayerRule(SourceLocation Location)
{
    /// <summary>Glob over original layer names; * when only Type or Position is given.</summary>
    public string Match { get; init; } = "*";

    public string? Type { get; init; }

    public LayerPosition? Position { get; init; }

    /// <summary>False: all channels stay. True: as for any layer.</summary>
    public bool? Prune { get; init; }

    /// <summary>Share of the channels (filters, hidden units, heads) that the layer makes which goes, 0 to 0.95.</summary>
    public double? PruneRatio { get; init; }

    public int? Weights { get; init; }

    public int? Activations { get; init; }

    public bool KeepFloat { get; init; }

    /// <summary>Written for several models, under `defaults` or beside a glob: it may match nothing in some of them.</summary>
    internal bool Shared { get; init; }
}

/// <summary>First or last layer that has weights.</summary>
public enum LayerPosition { First, Last }
