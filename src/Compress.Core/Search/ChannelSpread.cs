using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Plan;
using Compress.Policy;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// Gives the channels of a layer widths of their own that together take no more bits than the layer had (<see cref="WaterFilling.Within"/>): bit operations stay
/// within their budget, and so do weights; a file gets the few bytes that say where channels belong.
/// </summary>
internal static class ChannelSpread
{
    /// <param name="noise">Layer name → what each of its output channels, before any is cut, adds to the noise at no bits.</param>
    /// <param name="widths">Layer name → the widths it may take.</param>
    public static CompressionPlan Of(SearchContext context, CompressionPlan plan, IReadOnlyDictionary<string, double[]> noise, Func<string, IEnumerable<int>> widths)
    {
        // The plain form stores every width in a byte.
        if (context.Policy.Target is Target.OnnxRuntimePlain or Target.Qonnx) return plan;
        var pruned = PrunedModel.Of(context.Facts, plan.Cuts);
        var left = pruned.Layers.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        var (layers, channels) = (plan.Layers.ToBuilder(), plan.ChannelBits.ToBuilder());
        foreach (var layer in context.Facts.Layers.Where(layer => layer.Group == 1 && noise.ContainsKey(layer.Name) && left.Contains(layer.Name)))
        {
            int[] possible = [.. widths(layer.Name).Where(width => width != QuantizePolicy.Ternary).Order()];
            if (plan.Layers[layer.Name].Bits is var bits && !possible.Contains(bits)) continue;
            var own = noise[layer.Name];
            if (pruned.Kept.TryGetValue((layer.Weight, WeightMatrix.ScaleAxis(layer)), out var positions)) own = [.. positions.Select(position => own[position])];
            var spread = WaterFilling.Within((double)bits * own.Length, own, possible);
            if (spread.Distinct().Count() < 2) continue;
            channels[layer.Name] = [.. spread];
            layers[layer.Name] = layers[layer.Name] with { Bits = spread.Max() };
        }
        return plan with { Layers = layers.ToImmutable(), ChannelBits = channels.ToImmutable() };
    }
}
