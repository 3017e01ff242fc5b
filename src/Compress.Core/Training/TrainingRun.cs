using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;

namespace Compress.Training;

/// <summary>The state of a training, and one step of it.</summary>
internal sealed class TrainingRun
{
    private readonly TrainingGraph graph;
    private readonly Session session;
    private readonly Session? teacher;
    private readonly IReadOnlyList<LearnedLayer> layers;
    private readonly IReadOnlyDictionary<string, Quantizer> grids;
    private readonly SortedDictionary<string, Parameter> steps = new(StringComparer.Ordinal); // activation → logarithm of its step
    private readonly Optimizer optimizer;
    private readonly TrainingSettings settings;

    public TrainingRun(TrainingGraph graph, Session session, Session? teacher, IReadOnlyList<LearnedLayer> layers, IReadOnlyDictionary<string, Quantizer> grids, TrainingSettings settings)
    {
        (this.graph, this.session, this.teacher, this.layers, this.grids, this.settings) = (graph, session, teacher, layers, grids, settings);
        foreach (var root in graph.Steps.Keys) steps[root] = new Parameter([MathF.Log(grids[root].Scale)], [LearnedLayer.ScaleUnit]);
        Trained = [.. layers.SelectMany(layer => layer.Parameters), .. steps.Values];
        optimizer = new Optimizer(settings.Optimizer, settings.WeightDecay);
    }

    /// <summary>All that is trained, in a fixed order.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>One step on a batch of shards; gives the loss before it.</summary>
    public double Step(Batch[] shards, int number, double rate, CancellationToken cancellation)
    {
        var shared = Parameters();
        var results = new IReadOnlyDictionary<string, Tensor>[shards.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = settings.Threads, CancellationToken = cancellation };
        Parallel.For(0, shards.Length, options, i => results[i] = Run(shards[i], shared, new Random(unchecked((((settings.Seed * 31) + number) * 31) + i))));

        foreach (var layer in layers)
            layer.Take(Mean(results, layer.Layer.Weight), layer.Bias is null ? null : Mean(results, graph.Biases[layer.Layer.Name]));
        foreach (var (root, parameter) in steps)
            parameter.Gradient[0] = Mean(results, graph.Steps[root])[0] * MathF.Exp(parameter.Values[0]); // of the logarithm
        optimizer.Step(Trained, number, rate);
        return results.Average(result => result[graph.Loss].Floats()[0]);
    }

    /// <summary>The grids with their steps as learned.</summary>
    public IReadOnlyDictionary<string, Quantizer> Grids() =>
        grids.ToDictionary(grid => grid.Key, grid => steps.TryGetValue(grid.Key, out var step) ? grid.Value with { Scale = MathF.Exp(step.Values[0]) } : grid.Value, StringComparer.Ordinal);

    private Dictionary<string, Tensor> Parameters()
    {
        var feed = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            feed[layer.Layer.Weight] = layer.Rounded();
            if (layer.Bias is { } bias) feed[graph.Biases[layer.Layer.Name]] = Tensor.Of([.. bias.Values], bias.Values.Length);
        }
        foreach (var (root, parameter) in steps) feed[graph.Steps[root]] = Tensor.Scalar(MathF.Exp(parameter.Values[0]));
        return feed;
    }

    private IReadOnlyDictionary<string, Tensor> Run(Batch shard, Dictionary<string, Tensor> shared, Random random)
    {
        var inputs = shard.Inputs.ToDictionary(input => input.Key, input => settings.Augmentation.Apply(input.Value, random), StringComparer.Ordinal);
        var feed = new Dictionary<string, Tensor>(shared, StringComparer.Ordinal);
        foreach (var (name, tensor) in inputs) feed[name] = tensor;
        if (teacher is not null)
            foreach (var (name, tensor) in teacher.Run(inputs)) feed[TrainingGraph.TeacherInput(name)] = tensor;
        if (settings.Labels is { } labels) feed[TrainingGraph.LabelsInput] = ClassNumbers(shard.Extras[labels], shard.Samples, labels);
        return session.Run(feed);
    }

    private static Tensor ClassNumbers(Tensor labels, int samples, string name) =>
        labels.IsInteger && labels.Count == samples ? Tensor.Of(labels.Integers(), samples) : throw Codes.LabelsNotClasses(name).Error();

    /// <summary>A parameter's gradient, over the shards in their order.</summary>
    private float[] Mean(IReadOnlyDictionary<string, Tensor>[] results, string parameter)
    {
        var output = graph.Gradients[parameter];
        var sum = new float[results[0][output].Count];
        foreach (var result in results)
        {
            var values = result[output].Floats();
            for (var i = 0; i < sum.Length; i++) sum[i] += values[i] / results.Length;
        }
        return sum;
    }
}
