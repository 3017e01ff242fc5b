using System.Security.Cryptography;
using System.Text;
using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>SHA-256 of what a result depends on, as lower-case hexadecimal.</summary>
public static class Fingerprint
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of several texts in order; where one ends and the next begins counts.</summary>
    public static string Of(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <exception cref="CompressionException">CMP3003 when the file can't be read.</exception>
    public static string OfFile(string path, CancellationToken cancellation = default) => DataFile.Read(path, "", () =>
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int length; (length = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, length);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    });

    /// <summary>
    /// Of several files together: their contents and their paths from the folder that holds them all (a sub-folder may be a class), in ordinal
    /// order. One file's is its own.
    /// </summary>
    /// <exception cref="CompressionException">CMP3003 when a file can't be read.</exception>
    public static string OfFiles(IReadOnlyCollection<string> paths, CancellationToken cancellation = default)
    {
        if (paths.Count == 1) return OfFile(paths.Single(), cancellation);
        // '\\' sorts otherwise than '/': folders 1 and 10 would be in another order on Windows, and a lock from there stale elsewhere.
        var files = paths.Select(Path.GetFullPath).OrderBy(path => path.Replace('\\', '/'), StringComparer.Ordinal).ToList();
        var folder = Path.GetDirectoryName(files.FirstOrDefault()) ?? ".";
        while (folder != "." && !files.TrueForAll(file => file.StartsWith(folder, StringComparison.Ordinal))) folder = Path.GetDirectoryName(folder) ?? ".";
        return Of(files.SelectMany(file => new[] { Path.GetRelativePath(folder, file).Replace('\\', '/'), OfFile(file, cancellation) }));
    }
}
