using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>
/// Makes channels count for nothing without removing them: every consumer's weights for them become zero. What a channel still
/// carries (a bias behind a sigmoid, say) is read by nobody, so this is exactly what removing it computes.
/// </summary>
public static class MaskChannels
{
    /// <summary>A new model of the same shapes.</summary>
    /// <exception cref="Diagnostics.CompressionException">CMP6001 to CMP6003: a cut that does not fit the groups.</exception>
    public static OnnxModel Apply(OnnxModel model, ChannelGroupSet groups, IReadOnlyList<ChannelCut> cuts)
    {
        var result = model.Clone();
        var constants = result.Graph.Constants;
        foreach (var (group, channels) in KeptPositions.Removed(groups, cuts))
            foreach (var weight in group.Consumers.Select(consumer => consumer.Weight))
                constants[weight.Value] = TensorSlices.Zero(constants[weight.Value], weight.Axis, channels.SelectMany(channel => weight.Indices[channel]));
        return result;
    }
}
