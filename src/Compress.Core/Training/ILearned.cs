using Compress.Analysis;
using Compress.Graph;

namespace Compress.Training;

/// <summary>Numbers that are trained, as the graph knows them: what it is fed with and what it gives back.</summary>
internal interface ILearned
{
    IEnumerable<Parameter> Parameters { get; }

    /// <summary>Adds the inputs that all shards of a step share.</summary>
    void Feed(IDictionary<string, Tensor> feed);

    /// <summary>Takes the gradients of what was fed last, the mean over the shards. Several do so side by side; graph parts one by one, behind all others.</summary>
    /// <param name="gradient">Input → its gradient, in an array that others read too and the next step overwrites: copy what is kept, write nothing into it.</param>
    /// <param name="progress">How much of the training is done, 0 to 1.</param>
    void Take(Func<string, float[]> gradient, double progress);
}

/// <summary>What is trained beside weights, biases and steps: it brings nodes of its own into the graph. Fed and asked after all others, for it may change the gradients that they took.</summary>
internal interface IGraphPart : ILearned
{
    /// <summary>Changes the graph, before its losses are added.</summary>
    /// <returns>The constants that were added to be learned.</returns>
    IReadOnlyList<string> Insert(OnnxGraph graph);

    /// <summary>Refuses a model, or samples, that it has no way with.</summary>
    /// <param name="shapes">Of the model's values, for so many samples.</param>
    void Check(IReadOnlyDictionary<string, ValueFacts> shapes, int samples)
    {
    }

    /// <summary>Adds the inputs of one shard.</summary>
    void Feed(IDictionary<string, Tensor> feed, int samples, Random random);
}
