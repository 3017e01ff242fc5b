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

    /// <summary>How the loss changes with a factor on each channel of an activation; null where no gradient can be taken.</summary>
    public Func<AxisSlices, ChannelGates?> Gates { get; init; } = _ => null;

    /// <summary>What the model gives when one channel of a group counts for nothing (<c>MaskChannels</c>).</summary>
    public required Func<ChannelGroup, int, OutputChange> Masked { get; init; }
}

/// <summary>Derivatives of a loss by factors of 1 on the channels: Σ over positions of activation × its gradient.</summary>
/// <param name="Derivatives">[channel][sample and label]</param>
/// <param name="Weights">What each sample and label counts; for class scores the probability that the model gives the label. Their sum is the number of samples.</param>
public sealed record ChannelGates(double[][] Derivatives, double[] Weights)
{
    /// <summary>The weighted mean over samples of a function of the derivative, for each channel.</summary>
    public double[] Mean(Func<double, double> of) => Array.ConvertAll(Derivatives, channel => channel.Zip(Weights, (derivative, weight) => weight * of(derivative)).Sum() / Weights.Sum());
}

/// <summary>Outputs of one model with and without a channel, on the same samples, row-major [Samples, Width].</summary>
/// <param name="AreScores">The rows are class scores before a softmax.</param>
public sealed record OutputChange(float[] Before, float[] After, int Width, bool AreScores)
{
    public int Samples => Before.Length / Width;
}
