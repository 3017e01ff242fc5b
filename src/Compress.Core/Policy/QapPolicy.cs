namespace Compress.Policy;

/// <summary>What has a dropout rate of its own.</summary>
public enum NoiseUnit { Channel, Weight }

/// <summary>How QAP learns its noise, with `train:`.</summary>
public sealed record QapPolicy
{
    public NoiseUnit Noise { get; init; } = NoiseUnit.Channel;

    /// <summary>By how many bits the bound on the rates lies below the widest bits: 0 as in the paper, 2 as in its public re-implementation.</summary>
    public int Guard { get; init; }
}
