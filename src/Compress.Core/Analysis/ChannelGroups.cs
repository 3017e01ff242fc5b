using Compress.Analysis.IndexMaps;
using Compress.Graph;

namespace Compress.Analysis;

/// <summary>
/// Finds which channels of a model live and die together. Every operator states which positions of its inputs and outputs go together
/// (<see cref="ChannelOperators"/>); positions that are tied, directly or through others, are one channel. A channel that reaches the
/// model's interface, or an axis that some operator needs whole, is closed.
/// </summary>
public static class ChannelGroups
{
    /// <param name="model">Any model.</param>
    /// <param name="shapes">Shape of every value, see <see cref="ObservedShapes"/>; an axis that never changes its size must have it there.</param>
    public static ChannelGroupSet Find(OnnxModel model, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        var axes = new AxisRelations(model, shapes);
        foreach (var node in model.Graph.Nodes) axes.Add(node);
        foreach (var output in model.Graph.Outputs) axes.CloseAll(output.Name, $"they reach the model's output '{output.Name}'");
        foreach (var input in model.Graph.Inputs) axes.CloseAll(input.Name, $"they come from the model's input '{input.Name}'");
        foreach (var (name, tensor) in model.Graph.Constants.Where(constant => constant.Value.ByteCount < constant.Value.Count)) axes.CloseAll(name, $"'{name}' ({tensor.Type}) has several elements in a byte");
        foreach (var node in model.Graph.Nodes) axes.Relate(node);
        foreach (var axis in axes.Elements.Axes.Where(axis => axis.Size == 1)) axes.Elements.Close(axis, $"an axis of '{axis.Value}' has no other position");
        axes.Sizes.CloseEscaped(axes);
        ReshapeChoice.Settle(axes.Reshapes, axes.Elements);
        axes.Sizes.Settle(axes.Elements);
        return new(ChannelGroupCollector.Collect(axes), shapes, axes.Sizes.Parameters);
    }
}
