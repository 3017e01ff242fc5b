namespace Compress.Emit;

/// <summary>What became of one channel group.</summary>
/// <param name="Name">Its id: the first layer that makes its channels.</param>
/// <param name="Kept">Channels that stay.</param>
/// <param name="Channels">Channels in the float model.</param>
public sealed record GroupFigures(string Name, int Kept, int Channels)
{
    /// <summary>Squared error of the worst of the layers that read the channels, relative to its output's variance; null when none was measured.</summary>
    public double? Error { get; init; }

    /// <summary>Why no channel went; null for a group that lost some.</summary>
    public string? Reason { get; init; }
}
