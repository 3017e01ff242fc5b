using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>The float model with channels cut, weights otherwise as they were; node by node in step with the float model.</summary>
/// <param name="Kept">For each value and axis that lost positions, those that stayed.</param>
public sealed record PrunedModel(OnnxModel Model, IReadOnlyDictionary<string, ValueFacts> Shapes, IReadOnlyList<Layer> Layers, IReadOnlyDictionary<(string Value, int Axis), int[]> Kept)
{
    /// <summary>See <see cref="ModelFacts.Pair"/>; channels that are cut count still.</summary>
    public IReadOnlyDictionary<string, ValueFacts>? Pair { get; init; }

    /// <summary>A value of the float model, as far as the pruned model still has it.</summary>
    public Tensor Left(string value, Tensor whole) => Kept.Where(entry => entry.Key.Value == value).Aggregate(whole, (tensor, entry) => TensorSlices.Take(tensor, entry.Key.Axis, entry.Value));

    public static PrunedModel Of(ModelFacts facts, IReadOnlyList<ChannelCut> cuts)
    {
        if (cuts.Count == 0) return new PrunedModel(facts.Model, facts.Shapes, facts.Layers, new Dictionary<(string, int), int[]>()) { Pair = facts.Pair };
        var branches = cuts.Where(cut => cut.Kept.Count == 0).Select(cut => facts.Groups.Groups.FirstOrDefault(group => group.Id == cut.Group) is { Closed: null } group ? OptionalBranch.Of(group, facts) : null).ToList();
        // A group that nothing can do without keeps a channel at least: that is for the cut to say.
        IReadOnlyList<ChannelCut> within = branches.Contains(null) ? cuts : [.. cuts.Where(cut => cut.Kept.Count > 0)];
        var model = RemoveChannels.Apply(facts.Model, facts.Groups, within);
        var kept = KeptPositions.Of(facts.Groups, within);
        if (branches.Count > 0) OptionalBranch.Remove(model.Graph, facts.Model.Graph, [.. branches.OfType<OptionalBranch>()]);
        return new PrunedModel(model, Shrunk(facts, model, kept), Analysis.Layers.Of(model), kept) { Pair = facts.Pair };
    }

    private static Dictionary<string, ValueFacts> Shrunk(ModelFacts facts, OnnxModel model, IReadOnlyDictionary<(string Value, int Axis), int[]> kept)
    {
        var shapes = new Dictionary<string, ValueFacts>(facts.Shapes, StringComparer.Ordinal);
        foreach (var ((value, axis), positions) in kept)
        {
            if (!shapes.TryGetValue(value, out var old)) continue;
            long[] dims = [.. old.Dims];
            dims[axis] = positions.Length;
            shapes[value] = old with { Dims = dims };
        }
        foreach (var (name, tensor) in model.Graph.Constants) shapes[name] = new ValueFacts(tensor.Type, tensor.Dims);
        return shapes;
    }
}
