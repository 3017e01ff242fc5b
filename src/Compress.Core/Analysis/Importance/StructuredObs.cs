namespace Compress.Analysis.Importance;

/// <summary>
/// Structured Optimal Brain Surgeon: the squared error that removing the channel alone leaves at its consumers when their other weights make up for it
/// as well as they can, Σ_rows w_S (H⁻¹_SS)⁻¹ w_Sᵀ over the channel's columns S. Consumers count relative to the variance of their outputs.
/// </summary>
public sealed class StructuredObs : IChannelImportance
{
    /// <summary>Zeros when a consumer has no matrix form: nothing can be said about any channel.</summary>
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        evidence.Readers(group) is { } readers ? LayerScores.Combine(group.Channels, [ChannelElimination.Losses(group.Channels, readers)]) : new double[group.Channels];
}
