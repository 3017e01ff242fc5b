using Compress.Analysis;

namespace Compress.Plan;

/// <summary>What a model costs under a plan, but for its bytes and its latency, which are measured on the file.</summary>
/// <param name="Macs">Multiply-accumulates for one sample.</param>
/// <param name="Bops">Bit operations for one sample, product form.</param>
public sealed record PlanCosts(double Macs, double Bops)
{
    public static PlanCosts Float(IReadOnlyList<LayerShape> layers) =>
        new(Costs.Macs(layers), Costs.Bops(layers.Select(layer => (layer, LayerBits.Float))));

    /// <param name="layers">The layers as they are after pruning.</param>
    /// <param name="placement">Where integers flow under the plan.</param>
    public static PlanCosts Of(IReadOnlyList<LayerShape> layers, CompressionPlan plan, Placement placement) =>
        new(Costs.Macs(layers), Costs.Bops(layers.Select(layer => (layer, Bits(layer, plan, placement)))));

    /// <summary>Bits around a layer; float arithmetic counts 32 on its side even where the weights are stored in fewer.</summary>
    public static LayerBits Bits(LayerShape layer, CompressionPlan plan, Placement placement)
    {
        var weights = plan.ChannelBits.TryGetValue(layer.Name, out var channels) ? channels.Average(Costs.OperandBits)
            : plan.Layers.TryGetValue(layer.Name, out var choice) ? Costs.OperandBits(choice.Bits) : 32;
        int Activation(string value) => placement.Grid.TryGetValue(value, out var root) ? plan.ActivationBits.GetValueOrDefault(root, 8) : 32;
        // A float layer reads the float value also where others read the same from a grid.
        var readsExact = placement.Exact.Contains(layer.Input) && !placement.Integer.Keys.Any(node => node.Outputs.Contains(layer.Output));
        return new LayerBits(weights, readsExact ? 32 : Activation(layer.Input), Activation(placement.Stored(layer.Output)));
    }
}
