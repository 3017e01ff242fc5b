using Compress.Graph;

namespace Compress.Analysis.Importance;

/// <summary>L1 norm of the weights that make a channel (Li et al., "Pruning filters for efficient ConvNets").</summary>
public sealed class WeightMagnitudeL1 : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, [.. group.Producers.Select(layer => WeightSums.Of(evidence.Constant(layer.Weight.Value), layer.Weight, Math.Abs))]);
}

/// <summary>L2 norm of the weights that make a channel.</summary>
public sealed class WeightMagnitudeL2 : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, [.. group.Producers.Select(layer => Array.ConvertAll(WeightSums.Of(evidence.Constant(layer.Weight.Value), layer.Weight, w => w * w), Math.Sqrt))]);
}

/// <summary>Sums over the slices of a constant.</summary>
internal static class WeightSums
{
    /// <summary>For each channel, the sum of f(w) over all weights at its positions.</summary>
    public static double[] Of(Tensor tensor, AxisSlices slices, Func<double, double> f)
    {
        var values = tensor.Floats();
        var size = (int)tensor.Dims[slices.Axis];
        var block = (int)Tensor.ElementCount(tensor.Dims.AsSpan(slices.Axis + 1));
        var sums = new double[size];
        for (var i = 0; i < values.Length; i++) sums[i / block % size] += f(values[i]);
        return LayerScores.PerChannel(slices, position => sums[position]);
    }
}
