using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Data;

/// <summary>What one pass over some samples tells about them: kept are one hash a sample and a few numbers an input.</summary>
internal sealed class SampleStatistics
{
    private const int BatchSize = 32;

    /// <summary>Fewer values than this are features, which may well be all the same in a sample.</summary>
    private const int FewestSignalValues = 16;

    private readonly HashSet<UInt128> hashes = [];
    private readonly SortedDictionary<string, InputStatistics> inputs = new(StringComparer.Ordinal);

    private SampleStatistics() { }

    public int Samples { get; private set; }

    /// <summary>Samples that hold one value only, or the same values as an earlier one.</summary>
    public int ConstantOrCopied { get; private set; }

    /// <summary>The model's floating-point inputs, in ordinal order.</summary>
    public IReadOnlyDictionary<string, InputStatistics> Inputs => inputs;

    public IReadOnlySet<UInt128> Hashes => hashes;

    public static SampleStatistics Of(CheckedData data)
    {
        var statistics = new SampleStatistics();
        foreach (var batch in data.Set.Read(0, Math.Min(data.Samples, data.Set.Count), BatchSize)) statistics.Add(batch);
        return statistics;
    }

    private void Add(Batch batch)
    {
        Samples += batch.Samples;
        var hash = new UInt128[batch.Samples];
        var isConstant = new bool[batch.Samples];
        foreach (var (name, tensor) in batch.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
            for (var i = 0; i < batch.Samples; i++)
            {
                if (!tensor.IsFloat)
                {
                    hash[i] = Combine(hash[i], Sample(tensor.Raw, name, i, batch));
                    continue;
                }
                var values = Sample<float>(tensor.Floats(), name, i, batch);
                if (!inputs.TryGetValue(name, out var statistics)) inputs[name] = statistics = new(isPicture: tensor.Rank == 4);
                isConstant[i] |= statistics.Add(values) && values.Length >= FewestSignalValues;
                hash[i] = Combine(hash[i], MemoryMarshal.AsBytes(values));
            }
        for (var i = 0; i < batch.Samples; i++)
            if (!hashes.Add(hash[i]) || isConstant[i]) ConstantOrCopied++;
    }

    /// <summary>The part of a batch that is one sample; a constant as a whole.</summary>
    private static ReadOnlySpan<T> Sample<T>(ReadOnlySpan<T> values, string name, int index, Batch batch)
    {
        if (batch.Samples == 1 || !batch.HasRows(name, batch.Inputs[name])) return values;
        var length = values.Length / batch.Samples;
        return values.Slice(index * length, length);
    }

    private static UInt128 Combine(UInt128 hash, ReadOnlySpan<byte> values)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(values, digest);
        return hash * 31 + BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
