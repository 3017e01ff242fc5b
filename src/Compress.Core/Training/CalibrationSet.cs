using Compress.Apply;
using Compress.Data;
using Compress.Graph;

namespace Compress.Training;

/// <summary>Samples in memory as a data set, in the batches that they are in.</summary>
internal sealed class CalibrationSet(IReadOnlyList<Batch> batches) : IDataset
{
    public int Count { get; } = batches.Sum(batch => batch.Samples);

    public int LargestBatch { get; } = batches.Any(batch => batch.Samples > 1) ? int.MaxValue : 1;

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

    /// <summary>Samples that follow each other.</summary>
    public static Batch Part(Batch batch, int from, int count) => count == batch.Samples ? batch : Rows(batch, [.. Enumerable.Range(from, count)]);

    /// <summary>Some samples of a batch. What does not have them along its first axis is the same for all.</summary>
    public static Batch Rows(Batch batch, int[] rows)
    {
        IReadOnlyDictionary<string, Tensor> Of(IReadOnlyDictionary<string, Tensor> tensors) => tensors.ToDictionary(
            entry => entry.Key, entry => batch.HasRows(entry.Key, entry.Value) ? TensorSlices.Take(entry.Value, 0, rows) : entry.Value, StringComparer.Ordinal);
        return batch with { Inputs = Of(batch.Inputs), Extras = Of(batch.Extras), Samples = rows.Length };
    }
}
