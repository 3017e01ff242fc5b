using System.Runtime.InteropServices;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>
/// Training samples as a stream of shuffled shards. Memory holds a window of them: the whole set where it fits, and then every epoch is shuffled throughout;
/// else windows follow each other and each is shuffled in itself. Samples of several sizes stay in the batches that they come in, and these are shuffled.
/// </summary>
internal sealed class TrainingSet
{
    private const long WindowBytes = 256L << 20;
    private const int ReadAtOnce = 256;
    private const int Probes = 16;

    private readonly IDataset data;
    private readonly int window;
    private readonly long windowBytes;
    private List<Batch>? all;
    private (int Shards, IReadOnlyList<Batch> Sizes, bool IsUniform)? seen;

    /// <param name="shard">Samples in a run of the graph, where it takes any number.</param>
    /// <param name="windowBytes">Memory for samples.</param>
    public TrainingSet(IDataset data, int shard, long windowBytes = WindowBytes)
    {
        (this.data, this.windowBytes) = (data, windowBytes);
        Shard = data.LargestBatch is > 1 and < int.MaxValue and var only ? only : Math.Min(Math.Min(shard, data.LargestBatch), data.Count);
        window = (int)Math.Clamp(windowBytes / Math.Max(1, BytesASample()), Shard, data.Count);
        if (window < data.Count) window -= window % Shard; // a model of a fixed batch would be given samples of the next window too
    }

    /// <summary>The mean of some, spread over the set: sizes differ, and files that are sorted by them are common. Near the end of it no batch of a fixed size is left.</summary>
    private long BytesASample()
    {
        var probes = Math.Min(Probes, data.Count);
        var batches = Enumerable.Range(0, probes).SelectMany(i => data.Read((int)((long)i * data.Count / probes), 1, 1)).ToList();
        return batches.Sum(batch => batch.Inputs.Concat(batch.Extras).Sum(entry => entry.Value.ByteCount)) / batches.Sum(batch => batch.Samples);
    }

    public int Count => data.Count;

    public int Shard { get; }

    /// <summary>Shards of one epoch; what does not fill one at a window's end is left out this time.</summary>
    public IEnumerable<Batch> Epoch(int seed, int epoch)
    {
        for (var start = 0; start < Count; start += window)
        {
            var size = Math.Min(window, Count - start);
            var batches = Window(start, size);
            var isUniform = AreUniform(batches);
            size = isUniform ? batches.Sum(batch => batch.Samples) : batches.Count;
            var order = Enumerable.Range(0, size).ToArray();
            new Random(unchecked((((seed * 31) + epoch) * 31) + start)).Shuffle(order);
            if (!isUniform)
                foreach (var batch in order) yield return batches[batch];
            else
                for (var at = 0; at + Shard <= size; at += Shard) yield return Gather(batches, order.AsSpan(at, Shard));
        }
    }

    /// <summary>
    /// Gives every sample more arrays, worked out once, where memory holds the whole set and as much again of them: they are among the Extras of all shards from
    /// then on.
    /// </summary>
    /// <param name="of">A batch of no more than a shard → arrays in float32.</param>
    /// <returns>Whether it does, and the arrays have a row a sample.</returns>
    public bool Extend(Func<Batch, IReadOnlyDictionary<string, Tensor>> of, int threads, CancellationToken cancellation)
    {
        if (window < Count) return false;
        var batches = Window(0, Count);
        var extended = new Batch[batches.Count];
        var (bytes, fits) = (0L, true);
        Concurrent.For(batches.Count, threads, cancellation, i =>
        {
            var parts = new List<IReadOnlyDictionary<string, Tensor>>();
            foreach (var part in Parts(batches[i]))
            {
                if (!Volatile.Read(ref fits)) return;
                var arrays = of(part);
                parts.Add(arrays);
                if (arrays.Values.Any(rows => rows.Rank == 0 || rows.Dims[0] != part.Samples) || Interlocked.Add(ref bytes, arrays.Values.Sum(rows => rows.ByteCount)) > windowBytes) Volatile.Write(ref fits, false);
            }
            if (!Volatile.Read(ref fits)) return;
            var extras = batches[i].Extras.ToDictionary(StringComparer.Ordinal);
            foreach (var name in parts[0].Keys) extras[name] = Joined(parts.ConvertAll(part => part[name]));
            extended[i] = batches[i] with { Extras = extras };
        });
        if (fits) all = [.. extended];
        return fits;
    }

    private static Tensor Joined(List<Tensor> parts)
    {
        if (parts is [var only]) return only;
        var (values, at) = (new float[parts.Sum(part => part.Count)], 0);
        foreach (var part in parts)
        {
            part.Floats().CopyTo(values, at);
            at += (int)part.Count;
        }
        return Tensor.Of(values, [parts.Sum(part => part.Dims[0]), .. parts[0].Dims[1..]]);
    }

    /// <summary>Shards of one epoch; about so many where memory holds only a part of the set.</summary>
    public int Shards => Seen.Shards;

    /// <summary>A batch of each size that the samples of the first window have, in the order they come in.</summary>
    public IReadOnlyList<Batch> Sizes => Seen.Sizes;

    /// <summary>Whether all shards have as many samples, as far as the first window tells.</summary>
    public bool IsUniform => Seen.IsUniform;

    private (int Shards, IReadOnlyList<Batch> Sizes, bool IsUniform) Seen
    {
        get
        {
            if (seen is { } known) return known;
            var batches = Window(0, Math.Min(window, Count));
            var shards = AreUniform(batches) ? Count / Shard : batches.Count * (int)Math.Ceiling((double)Count / window);
            return (seen = (shards, [.. SizesOf(batches)], AreUniform(batches))).Value;
        }
    }

    /// <summary>The axis of the samples counts too where each is a run of its own.</summary>
    private IEnumerable<Batch> SizesOf(IEnumerable<Batch> batches) =>
        batches.DistinctBy(batch => string.Join(';', batch.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal).Select(input => string.Join(',', input.Value.Dims.Skip(data.LargestBatch > 1 ? 1 : 0)))));

    /// <summary>Whether samples may be mixed row by row.</summary>
    private bool AreUniform(List<Batch> batches) => data.LargestBatch > 1 && SizesOf(batches).Count() == 1;

    private IEnumerable<Batch> Parts(Batch batch)
    {
        for (var from = 0; from < batch.Samples; from += Shard) yield return CalibrationSet.Part(batch, from, Math.Min(Shard, batch.Samples - from));
    }

    private List<Batch> Window(int start, int count) => window == Count ? all ??= Read(0, Count) : Read(start, count);

    private List<Batch> Read(int start, int count)
    {
        List<Batch> batches = [.. data.Read(start, count, ReadAtOnce)];
        return AreUniform(batches) ? batches : [.. batches.SelectMany(batch => Parts(batch))];
    }

    private static Batch Gather(IReadOnlyList<Batch> batches, ReadOnlySpan<int> order)
    {
        var rows = new (int Batch, int Row)[order.Length];
        var perBatch = batches[0].Samples; // all but the last have as many
        for (var i = 0; i < rows.Length; i++) rows[i] = (order[i] / perBatch, order[i] % perBatch);
        IReadOnlyDictionary<string, Tensor> Of(Func<Batch, IReadOnlyDictionary<string, Tensor>> arrays) => arrays(batches[0]).ToDictionary(
            array => array.Key, array => batches[0].HasRows(array.Key, array.Value) ? Rows([.. batches.Select(batch => arrays(batch)[array.Key])], perBatch, rows) : array.Value, StringComparer.Ordinal);
        return batches[0] with { Inputs = Of(batch => batch.Inputs), Extras = Of(batch => batch.Extras), Samples = rows.Length };
    }

    /// <summary>Some samples of one array.</summary>
    private static Tensor Rows(Tensor[] tensors, int perBatch, (int Batch, int Row)[] rows)
    {
        var first = tensors[0];
        long[] dims = [rows.Length, .. first.Dims[1..]];
        var length = (int)(first.Count / perBatch);
        if (first.Type == DataType.Float)
        {
            var values = new float[rows.Length * length];
            for (var i = 0; i < rows.Length; i++) tensors[rows[i].Batch].Floats().AsSpan(rows[i].Row * length, length).CopyTo(values.AsSpan(i * length));
            return Tensor.Of(values, dims);
        }
        var size = (int)(first.ByteCount / perBatch);
        var bytes = new byte[rows.Length * size];
        for (var i = 0; i < rows.Length; i++) tensors[rows[i].Batch].Raw.Slice(rows[i].Row * size, size).CopyTo(bytes.AsSpan(i * size));
        return new Tensor(first.Type, dims, bytes);
    }
}
