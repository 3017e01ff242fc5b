using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;
using Onnx;

namespace Compress.Training;

/// <summary>What training gives.</summary>
/// <param name="Plan">The plan with trained weights on their grids.</param>
/// <param name="Exact">Layer name → its weights before rounding.</param>
internal sealed record Learned(PreparedPlan Plan, IReadOnlyDictionary<string, Tensor> Exact);

/// <summary>
/// Quantization-aware training of a plan that was carried out: weights, their scales, biases and the steps of activations under 8 bits, towards the float
/// model's outputs, labels, or both. A batch is cut into shards of a fixed size that run side by side, each on one thread, and are added up in their
/// order: any number of threads gives the same bytes.
/// </summary>
public static class Trainer
{
    private const int ShardSize = 16;

    /// <exception cref="CompressionException">CMP4501 to CMP4503 and CMP4505: no gradient; CMP4506.</exception>
    /// <param name="facts">The float model: the teacher.</param>
    /// <param name="prepared">Where training starts.</param>
    /// <param name="checkpoints">Where an interrupted training finds its way back; null: nowhere.</param>
    /// <returns>The same plan with trained weights on their grids and the grids that were learned.</returns>
    public static PreparedPlan Run(ModelFacts facts, PreparedPlan prepared, IDataset data, TrainingSettings settings, IReporter reporter, Checkpoints? checkpoints = null, CancellationToken cancellation = default) =>
        Learn(facts.Model, prepared, data, settings, reporter, checkpoints, cancellation).Plan;

    /// <summary>The same with the weights before rounding, and with a part of its own in the graph.</summary>
    /// <param name="teacher">The float model.</param>
    /// <param name="partOf">Makes the part, of the layers that are trained; null: there is none.</param>
    internal static Learned Learn(OnnxModel teacher, PreparedPlan prepared, IDataset data, TrainingSettings settings, IReporter reporter, Checkpoints? checkpoints, CancellationToken cancellation, Func<IReadOnlyList<LearnedLayer>, IGraphPart>? partOf = null)
    {
        var set = new TrainingSet(data, ShardSize);
        var tasks = Tasks(prepared);
        var taught = Taught.Of(prepared.Pruned.Model.Graph, teacher.Graph, [.. tasks.Select(task => task.Layer)], settings);
        using var teaching = Teacher(teacher, taught);
        var weights = ErrorWeights.Of(teaching, settings.Labels, set, ShardSize);
        var layers = tasks.ConvertAll(task => new LearnedLayer(task, prepared.Pruned.Model.Graph.Constants[task.Layer.Weight], prepared.Layers.GetValueOrDefault(task.Layer.Name) ?? WithoutData.Round(prepared.Pruned.Model, task), TrainingGraph.BiasInput(task.Layer), settings.PositionScaled));
        var part = partOf?.Invoke(layers);
        var graph = GraphOfAnySize(set, shard => TrainingGraph.Of(prepared, [.. tasks.Select(task => task.Layer)], settings, taught, shard, weights, part), cancellation);
        var steps = graph.Steps.Select(step => new LearnedStep(step.Key, step.Value, prepared.Grids[step.Key])).ToList();
        IEnumerable<ILearned> all = [.. layers, .. steps];
        using var run = new TrainingRun(graph, teaching, prepared.Pruned, [.. part is null ? all : all.Append(part)], settings);

        new TrainingLoop(run, set, settings, reporter, checkpoints ?? Checkpoints.None).Run(cancellation);
        var grids = new Dictionary<string, Quantizer>(prepared.Grids, StringComparer.Ordinal);
        foreach (var step in steps) grids[step.Root] = step.Grid;
        return new Learned(
            prepared with { Layers = layers.ToDictionary(layer => layer.Layer.Name, layer => layer.Result(), StringComparer.Ordinal), Grids = grids },
            layers.ToDictionary(layer => layer.Layer.Name, layer => layer.Exact(), StringComparer.Ordinal));
    }

    /// <summary>The graph to train, made from a shard. Where the samples have several sizes it is made from one sample, and has to be the same for each of them.</summary>
    private static TrainingGraph GraphOfAnySize(TrainingSet set, Func<Batch, TrainingGraph> of, CancellationToken cancellation)
    {
        if (set.IsUniform) return of(set.Epoch(0, 0).First());
        var graph = of(CalibrationSet.Part(set.Sizes[0], 0, 1));
        byte[]? bytes = null;
        foreach (var other in set.Sizes.Skip(1))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!OnnxWriter.ToBytes(of(CalibrationSet.Part(other, 0, 1)).Model).AsSpan().SequenceEqual(bytes ??= OnnxWriter.ToBytes(graph.Model))) throw Codes.GradientOfOneSize().Error();
        }
        return graph;
    }

    /// <summary>Every layer with weights is trained, also those that stay in float.</summary>
    private static List<LayerTask> Tasks(PreparedPlan prepared)
    {
        var known = prepared.Tasks.ToDictionary(task => task.Layer.Name, StringComparer.Ordinal);
        return [.. prepared.Pruned.Layers.Select(layer => known.GetValueOrDefault(layer.Name) is { } task ? task with { Layer = layer } : new LayerTask(layer, 32))];
    }

    /// <summary>The float model, giving what the student is compared on; null without distillation.</summary>
    private static Session? Teacher(OnnxModel model, Taught taught)
    {
        if (taught.Values.Count == 0) return null;
        var teacher = model.Clone();
        teacher.Graph.Outputs.Clear();
        foreach (var value in taught.Values) teacher.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        return new Session(teacher, new SessionSettings());
    }
}
