using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>The float model with channels cut, weights otherwise as they were; node by node in step with the float model.</summary>
/// <param name="Kept">For each value and axis that lost positions, those that stayed.</param>
public sealed record PrunedModel(OnnxModel Model, IReadOnlyDictionary<string, ValueFacts> Shapes, IReadOnlyList<Layer> Layers, IReadOnlyDictionary<(string Value, int Axis), int[]> Kept)
{
    public static PrunedModel Of(ModelFacts facts, IReadOnlyList<ChannelCut> cuts)
    {
        if (cuts.Count == 0) return new PrunedModel(facts.Model, facts.Shapes, facts.Layers, new Dictionary<(string, int), int[]>());
        var model = RemoveChannels.Apply(facts.Model, facts.Groups, cuts);
        var kept = KeptPositions.Of(facts.Groups, cuts);
        return new PrunedModel(model, Shrunk(facts, model, kept), Analysis.Layers.Of(model), kept);
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
