using System.Collections.Immutable;
using System.Numerics.Tensors;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Training;

/// <summary>The state of a training, and one step of it.</summary>
/// <param name="learned">All that is trained, in a fixed order; parts of their own last.</param>
internal sealed class TrainingRun(TrainingGraph graph, Session? teacher, PrunedModel student, IReadOnlyList<ILearned> learned, TrainingSettings settings) : IDisposable
{
    private readonly StepSession session = new(graph.Model, Fed(learned));
    private readonly string[] outputs = [.. graph.Gradients.Values.Distinct()];

    /// <summary>In the order in which they take their gradients: what keeps all threads busy by itself, what does so side by side, and what changes the gradients that those took.</summary>
    private readonly ILearned[] large = [.. learned.Where(one => one is not IGraphPart && IsLarge(one))], small = [.. learned.Where(one => one is not IGraphPart && !IsLarge(one))];
    private readonly IGraphPart[] parts = [.. learned.OfType<IGraphPart>()];

    private readonly Optimizer optimizer = new(settings.Optimizer, settings.WeightDecay);

    /// <summary>Shards that are added up together. The others wait, for each has a gradient of everything: of a model that takes one sample at a time a batch has many.</summary>
    private readonly int group = Math.Max(16, 2 * settings.Threads);

    /// <summary>Loss and gradients: of the shards that were added up already in the first place, of those of a group behind it.</summary>
    private readonly List<IReadOnlyDictionary<string, Tensor>?> results = [];

    /// <summary>Whether samples come with what the float model teaches about them.</summary>
    private bool knows;

    public IReadOnlyList<Parameter> Trained { get; } = [.. learned.SelectMany(one => one.Parameters)];

    public bool IsFinite => Trained.All(parameter => Array.TrueForAll(parameter.Values, float.IsFinite));

    /// <summary>What the float model teaches about some samples, as inputs of the graph; none without distillation.</summary>
    public IReadOnlyDictionary<string, Tensor> Teach(IReadOnlyDictionary<string, Tensor> inputs) => teacher is null
        ? ImmutableDictionary<string, Tensor>.Empty
        : teacher.Run(inputs).ToDictionary(value => TrainingGraph.TeacherInput(value.Key), value => student.Left(value.Key, value.Value), StringComparer.Ordinal);

    /// <summary>Works that out for all samples once, where they come the same every time and memory holds it.</summary>
    public void TeachAll(TrainingSet set, CancellationToken cancellation) =>
        knows = teacher is not null && !set.Sizes.Any(batch => batch.Inputs.Keys.Any(input => Changes(batch, input))) && set.Extend(batch => Teach(batch.Inputs), settings.Threads, cancellation);

    /// <summary>Whether an input's samples are changed at random each time.</summary>
    private bool Changes(Batch batch, string input) => !batch.Constants.Contains(input) && settings.Augmentation.Changes(batch.Inputs[input]);

    /// <summary>One step on a batch of shards; gives the loss before it.</summary>
    /// <param name="progress">How much of the training is done, 0 to 1.</param>
    /// <param name="scale">What the rate is multiplied by.</param>
    public double Step(Batch[] shards, int number, double progress, double scale, CancellationToken cancellation)
    {
        var shared = Fed(learned);
        session.Prepare(shared);
        var loss = 0.0;
        for (var first = 0; first < shards.Length; first += group) loss += Add(shards, first, Math.Min(group, shards.Length - first), shared, number, cancellation);

        void Take(ILearned one) => one.Take(input => results[0]![graph.Gradients[input]].Floats(), progress);
        foreach (var one in large) Take(one);
        Parallel.For(0, small.Length, Concurrent.Fine, i => Take(small[i]));
        foreach (var part in parts) Take(part);
        optimizer.Step(Trained, number, settings.RateAt(progress) * scale);
        return loss;
    }

    /// <summary>Runs a group of shards and adds their gradients, each by its share of the samples, to those before; gives what it adds to the loss.</summary>
    private double Add(Batch[] shards, int first, int count, Dictionary<string, Tensor> shared, int number, CancellationToken cancellation)
    {
        var begin = first == 0 ? 0 : 1;
        while (results.Count < begin + count) results.Add(null);
        Concurrent.For(count, settings.Threads, cancellation, i => results[begin + i] = Run(shards[first + i], shared, new Random(unchecked((((settings.Seed * 31) + number) * 31) + first + i)), results[begin + i]));

        var samples = shards.Sum(shard => shard.Samples);
        float[] shares = [.. Enumerable.Repeat(1f, begin), .. shards.Skip(first).Take(count).Select(shard => (float)shard.Samples / samples)];
        float[][][] gradients = [.. outputs.Select(output => shares.Select((_, place) => results[place]![output].Floats()).ToArray())];
        Concurrent.Rows([.. gradients.Select(each => (each[0].Length, 1))], (i, from, to) => BecomeMean(gradients[i], from..to, shares));
        return Enumerable.Range(begin, count).Sum(place => (double)shares[place] * results[place]![graph.Loss].Floats()[0]);
    }

    public void Dispose() => session.Dispose();

    private static bool IsLarge(ILearned one) => one.Parameters.Sum(parameter => parameter.Values.Length) > Concurrent.Worth;

    /// <summary>What is learned, as inputs of the graph.</summary>
    private static Dictionary<string, Tensor> Fed(IReadOnlyList<ILearned> learned)
    {
        var feed = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var one in learned) one.Feed(feed);
        return feed;
    }

    private IReadOnlyDictionary<string, Tensor> Run(Batch shard, Dictionary<string, Tensor> shared, Random random, IReadOnlyDictionary<string, Tensor>? results)
    {
        var change = random.Next(); // the same for all images of a sample
        var inputs = shard.Inputs.ToDictionary(input => input.Key, input => Changes(shard, input.Key) ? settings.Augmentation.Apply(input.Value, new Random(change)) : input.Value, StringComparer.Ordinal);
        var feed = new Dictionary<string, Tensor>(shared, StringComparer.Ordinal);
        foreach (var (name, tensor) in inputs) feed[name] = tensor;
        foreach (var (name, tensor) in knows ? shard.Extras : Teach(inputs)) feed.TryAdd(name, tensor);
        foreach (var part in parts) part.Feed(feed, shard.Samples, random);
        settings.Labels?.Feed(feed, shard);
        return session.Run(feed, results);
    }

    /// <summary>Makes a piece of the first shard's gradient the mean over the shards in their order, each by its share of the samples.</summary>
    private static void BecomeMean(float[][] gradients, Range piece, float[] shares)
    {
        var mean = gradients[0].AsSpan(piece);
        TensorPrimitives.Multiply(mean, shares[0], mean);
        for (var shard = 1; shard < gradients.Length; shard++) TensorPrimitives.MultiplyAdd(gradients[shard].AsSpan(piece), shares[shard], mean, mean);
    }
}
