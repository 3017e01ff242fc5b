using System.Collections.Immutable;
using Compress.Graph;

namespace Compress.Data;

/// <summary>
/// Named tensors for one run of the model. Inputs carry the names of the model's inputs, preprocessed and in the model's types;
/// Extras are the other arrays (labels, targets) with axis 0 the samples of this batch.
/// </summary>
public sealed record Batch(IReadOnlyDictionary<string, Tensor> Inputs, IReadOnlyDictionary<string, Tensor> Extras, int Samples)
{
    /// <summary>Inputs that are the same for all samples, however long their first axis is.</summary>
    public IReadOnlySet<string> Constants { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Whether an array has a row a sample.</summary>
    public bool HasRows(string name, Tensor tensor) => tensor.Rank > 0 && tensor.Dims[0] == Samples && !Constants.Contains(name);
}

/// <summary>Samples on disk, read as a stream: memory holds a batch, never the set.</summary>
public interface IDataset
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Largest number of samples that one run of the model can take: int.MaxValue when its batch axis is dynamic, 1 when every row is a feed of its own, else the fixed size.</summary>
    int LargestBatch { get; }

    /// <summary>Every file that the samples come from, for hashes and incremental builds.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>
    /// Samples [start, start + count) in order, in batches of at most <paramref name="batchSize"/>. A model whose batch axis is fixed above 1
    /// gets full batches of exactly that size, so <paramref name="count"/> is rounded up.
    /// </summary>
    IEnumerable<Batch> Read(int start, int count, int batchSize);
}
