using Compress.Data;
using Compress.Graph;

namespace Compress.Core.Tests.Evaluate;

/// <summary>Samples in memory: arrays whose axis 0 counts samples.</summary>
internal sealed class MemoryDataset(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? extras = null) : IDataset
{
    public int Count => (int)inputs.Values.First().Dims[0];

    public int LargestBatch { get; init; } = int.MaxValue;

    /// <summary>The model takes batches of <see cref="LargestBatch"/> and no others.</summary>
    public bool IsFixed { get; init; }

    public IReadOnlyList<string> Files => [];

    public IEnumerable<Batch> Read(int start, int count, int batchSize)
    {
        if (IsFixed) (count, batchSize) = (Math.Min((Count - start) / LargestBatch, (count + LargestBatch - 1) / LargestBatch) * LargestBatch, LargestBatch);
        for (var from = start; from < start + count; from += batchSize)
        {
            var size = Math.Min(batchSize, start + count - from);
            yield return new Batch(Rows(inputs, from, size), Rows(extras ?? new Dictionary<string, Tensor>(), from, size), size);
        }
    }

    private static Dictionary<string, Tensor> Rows(IReadOnlyDictionary<string, Tensor> arrays, int start, int count) =>
        arrays.ToDictionary(array => array.Key, array =>
        {
            var row = (int)(array.Value.Count / array.Value.Dims[0]);
            long[] dims = [count, .. array.Value.Dims[1..]];
            return array.Value.Type == Onnx.TensorProto.Types.DataType.Int64
                ? Tensor.Of(array.Value.Integers()[(start * row)..((start + count) * row)], dims)
                : Tensor.Of(array.Value.Floats()[(start * row)..((start + count) * row)], dims);
        });
}
