using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>
/// A float model with what training made of its weights, so that plans can be made from there. Channels that were cut before training stay in it, as they
/// were, and nobody reads them: it computes what the trained model computes before rounding.
/// </summary>
internal static class TrainedFacts
{
    /// <param name="facts">The model that training started from, in one way or another.</param>
    public static ModelFacts Of(ModelFacts facts, Learned learned, int threads, CancellationToken cancellation)
    {
        var model = facts.Model.Clone();
        var pruned = learned.Plan.Pruned;
        var trained = pruned.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        foreach (var layer in facts.Layers)
        {
            var weight = model.Graph.Constants[layer.Weight];
            if (!trained.ContainsKey(layer.Name))
            {
                // Its branch was left out.
                model.Graph.Constants[layer.Weight] = Tensor.Of(new float[weight.Count], weight.Dims);
                if (layer.Bias is { } own) SetBias(model.Graph, layer, Tensor.Of(new float[model.Graph.Constants[own].Count], model.Graph.Constants[own].Dims));
                continue;
            }
            model.Graph.Constants[layer.Weight] = Merged(layer, weight, learned.Exact[layer.Name], pruned.Kept);
            if (layer.TakesBias) SetBias(model.Graph, layer, Bias(layer, weight, model.Graph, learned.Plan.Layers[layer.Name].Bias, pruned.Kept));
        }
        var result = ModelFacts.Of(model, SearchContext.FirstOf(facts));
        var values = Plan.Placement.Of(result.Model, result.Layers, result.Shapes, _ => true).Possible.ToList();
        return result with
        {
            Samples = facts.Samples,
            Pair = facts.Pair,
            Histograms = new CalibratedOnDemand(() => Calibration.Run(result.Model, values, facts.Samples, threads, cancellation)),
        };
    }

    /// <summary>Trained weights in the places that stayed; inputs that were cut get zeros, outputs that were cut stay as they were.</summary>
    private static Tensor Merged(Layer layer, Tensor old, Tensor trained, IReadOnlyDictionary<(string Value, int Axis), int[]> kept)
    {
        if (old.Dims.SequenceEqual(trained.Dims)) return trained;
        var outputs = WeightMatrix.ScaleAxis(layer);
        var places = Enumerable.Range(0, old.Rank).Select(axis => Places(layer.Weight, axis, (int)old.Dims[axis], kept)).ToArray();
        var (values, source) = (old.Floats().ToArray(), trained.Floats());
        var index = new int[old.Rank];
        for (var i = 0; i < values.Length; i++)
        {
            var (rest, at, isCut, isUnread) = (i, 0, false, false);
            for (var axis = old.Rank - 1; axis >= 0; axis--)
            {
                index[axis] = places[axis][rest % (int)old.Dims[axis]];
                rest /= (int)old.Dims[axis];
                isCut |= index[axis] < 0;
                isUnread |= index[axis] < 0 && axis != outputs;
            }
            if (!isCut) for (var axis = 0; axis < old.Rank; axis++) at = (at * (int)trained.Dims[axis]) + index[axis];
            values[i] = isUnread ? 0 : isCut ? values[i] : source[at];
        }
        return Tensor.Of(values, old.Dims);
    }

    private static Tensor Bias(Layer layer, Tensor weight, OnnxGraph graph, float[] trained, IReadOnlyDictionary<(string Value, int Axis), int[]> kept)
    {
        var old = layer.Bias is { } own ? graph.Constants[own] : Tensor.Of(new float[WeightMatrix.Of(layer, weight).Scales], WeightMatrix.Of(layer, weight).Scales);
        if (old.Count == trained.Length) return Tensor.Of(trained, old.Dims);
        var places = layer.Bias is { } name ? Places(name, old.Rank - 1, (int)old.Count, kept) : Places(layer.Weight, WeightMatrix.ScaleAxis(layer), (int)old.Count, kept);
        return Tensor.Of([.. old.Floats().Select((value, i) => places[i] < 0 ? value : trained[places[i]])], old.Dims);
    }

    private static void SetBias(OnnxGraph graph, Layer layer, Tensor bias)
    {
        graph.Constants[TrainingGraph.BiasInput(layer)!] = bias;
        if (layer.Bias is not null) return;
        var node = graph.Nodes.Single(node => node.Outputs.SequenceEqual(layer.Node.Outputs));
        while (node.Inputs.Count < 3) node.Inputs.Add("");
        node.Inputs[2] = TrainingGraph.BiasInput(layer)!;
    }

    /// <summary>Where each position went; −1: it was cut.</summary>
    private static int[] Places(string value, int axis, int length, IReadOnlyDictionary<(string Value, int Axis), int[]> kept)
    {
        if (!kept.TryGetValue((value, axis), out var positions)) return [.. Enumerable.Range(0, length)];
        var places = Enumerable.Repeat(-1, length).ToArray();
        for (var i = 0; i < positions.Length; i++) places[positions[i]] = i;
        return places;
    }
}
