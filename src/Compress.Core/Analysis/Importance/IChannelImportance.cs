using Compress.Graph;

namespace Compress.Analysis.Importance;

/// <summary>A criterion by which the channels of a group are ranked: the least important go first.</summary>
public interface IChannelImportance
{
    /// <summary>One number a channel, comparable within the group: reduced over its layers, each normalized to a mean of 1. Never negative.</summary>
    double[] Score(ChannelGroup group, ChannelEvidence evidence);
}

/// <summary>What criteria may look at. Only what a criterion asks for is computed.</summary>
public sealed record ChannelEvidence
{
    /// <summary>The constants of the model that is ranked.</summary>
    public required Func<string, Tensor> Constant { get; init; }

    /// <summary>Statistics of an activation along one axis, over the calibration samples.</summary>
    public required Func<string, int, ChannelStatistics> Activation { get; init; }

    /// <summary>The layers that read a group's channels, as matrices with the moments of their inputs; null when one has no such form.</summary>
    public required Func<ChannelGroup, IReadOnlyList<ChannelReader>?> Readers { get; init; }

    /// <summary>What the model gives when one channel of a group counts for nothing (<c>MaskChannels</c>).</summary>
    public required Func<ChannelGroup, int, OutputChange> Masked { get; init; }
}

/// <summary>Outputs of one model with and without a channel, on the same samples, row-major [Samples, Width].</summary>
/// <param name="AreScores">The rows are class scores before a softmax.</param>
public sealed record OutputChange(float[] Before, float[] After, int Width, bool AreScores)
{
    public int Samples => Before.Length / Width;
}
