namespace Compress.Analysis.Importance;

/// <summary>Mean absolute activation where the channel is read (Zhang, Colbert, Das: "Learning low-precision structured subnetworks …", Appl. Sci. 12:7829).</summary>
public sealed class MeanAbsoluteActivation : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, [.. LayerScores.Sites(group).Select(site => LayerScores.PerChannel(site, i => evidence.Activation(site.Value, site.Axis).MeanAbsolute[i]))]);
}

/// <summary>Share of activations that are not zero: 1 − APoZ (Hu et al., "Network trimming"); the "L0" variant of Zhang et al.</summary>
public sealed class ActivationFrequency : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, [.. LayerScores.Sites(group).Select(site => LayerScores.PerChannel(site, i => evidence.Activation(site.Value, site.Axis).Frequency[i]))]);
}

/// <summary>Mean rank of the channel's feature maps (HRank; the filter property of PIC-PQ), at the outputs of the layers that make it.</summary>
public sealed class FeatureMapRank : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, [.. group.Producers.Select(layer => layer.Activation).DistinctBy(made => made.Value).Select(made => LayerScores.PerChannel(made, i => evidence.Activation(made.Value, made.Axis).Rank[i]))]);
}

/// <summary>Mean squared activation times the squared weights that read it, the energy that a channel puts into its consumers, summed over them in units of each consumer's total.</summary>
public sealed class ConsumerEnergy : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels,
        [
            .. group.Consumers.Select(layer =>
            {
                var weights = WeightSums.Of(evidence.Constant(layer.Weight.Value), layer.Weight, w => w * w);
                var energy = evidence.Activation(layer.Activation.Value, layer.Activation.Axis).MeanSquare;
                return layer.Activation.Indices.Select((positions, c) => weights[c] * positions.Average(i => energy[i])).ToArray();
            }),
        ]);
}
