using Compress.Data;
using Compress.Graph;

namespace Compress.Training;

/// <summary>Samples in memory as a data set, in the batches that they are in.</summary>
internal sealed class CalibrationSet(IReadOnlyList<Batch> batches) : IDataset
{
    public int Count { get; } = batches.Sum(batch => batch.Samples);

    public int LargestBatch { get; } = batches.Max(batch => batch.Samples);

    public IReadOnlyList<string> Files => [];

    public IEnumerable<Batch> Read(int start, int count, int batchSize)
    {
        var at = 0;
        foreach (var batch in batches)
        {
            var (from, to) = (Math.Max(start - at, 0), Math.Min(start + count - at, batch.Samples));
            at += batch.Samples;
            for (; from < to; from += batchSize) yield return Part(batch, from, Math.Min(to - from, batchSize));
        }
    }

    /// <summary>Some samples of a batch. What does not have them along its first axis is the same for all.</summary>
    public static Batch Part(Batch batch, int from, int count)
    {
        if (count == batch.Samples) return batch;
        IReadOnlyDictionary<string, Tensor> Rows(IReadOnlyDictionary<string, Tensor> tensors) => tensors.ToDictionary(entry => entry.Key, entry => Of(entry.Value, batch.Samples, from, count), StringComparer.Ordinal);
        return new Batch(Rows(batch.Inputs), Rows(batch.Extras), count);
    }

    private static Tensor Of(Tensor tensor, int samples, int from, int count)
    {
        if (tensor.Rank == 0 || tensor.Dims[0] != samples) return tensor;
        var row = tensor.ByteCount / tensor.Dims[0];
        return new Tensor(tensor.Type, [count, .. tensor.Dims[1..]], tensor.Raw.Slice((int)(from * row), (int)(count * row)).ToArray());
    }
}
