using Compress.Data;
using Compress.Graph;

namespace Compress;

/// <summary>Where trained weights are kept, under their own fingerprint: in the cache, and in the file that the policy names for them (`train.store`).</summary>
internal sealed class TrainedStore(ResultCache? cache, string? file)
{
    private readonly Dictionary<string, byte[]> known = new(StringComparer.Ordinal);

    public void Keep(string fingerprint, byte[] weights)
    {
        known[fingerprint] = weights;
        cache?.Put(fingerprint, weights);
    }

    /// <summary>Null when they are nowhere.</summary>
    public byte[]? Find(string fingerprint) => known.GetValueOrDefault(fingerprint) ?? InFile(fingerprint) ?? (cache?.Get(fingerprint) is { } bytes && Fingerprint.Of(bytes) == fingerprint ? bytes : null);

    /// <summary>Writes the policy's file, unless it holds these weights already.</summary>
    /// <exception cref="Diagnostics.CompressionException">CMP8001 when it can't be written.</exception>
    public void Save(string fingerprint)
    {
        if (file is not null && InFile(fingerprint) is null && Find(fingerprint) is { } weights) AtomicFile.Write(file, weights);
    }

    private byte[]? InFile(string fingerprint)
    {
        try
        {
            return file is not null && File.Exists(file) && File.ReadAllBytes(file) is var bytes && Fingerprint.Of(bytes) == fingerprint ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
