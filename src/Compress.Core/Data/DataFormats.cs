using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>Which reader opens which file or folder.</summary>
internal static class DataFormats
{
    private delegate IReadOnlyList<SampleArray> Opener(DataRequest request);

    /// <summary>A file format: the endings of its files' names, and how its first bytes are known when the name says nothing.</summary>
    private sealed record FileFormat(string[] Endings, Func<byte[], bool> Fits, Opener Open);

    private static readonly FileFormat[] FileFormats =
    [
        new([".npz"], head => head.AsSpan().StartsWith(Npz.Magic), Npz.Open),
        new([".npy"], head => head.AsSpan().StartsWith(Npy.Magic), Npy.Open),
        new(["ubyte", ".idx", ".gz"], head => Idx.Fits(head) || head.AsSpan().StartsWith(Idx.GzipMagic), Idx.Open),
        new([".csv", ".tsv"], _ => false, Csv.Open),
    ];

    /// <summary>The first that finds something in a folder opens it.</summary>
    private static readonly Opener[] FolderFormats = [TestDataSets.Open, ImageFolder.Open, NpzFolder, NpyFolder];

    /// <summary>The arrays of a file or folder.</summary>
    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var path = request.Path;
        if (Directory.Exists(path))
            return FolderFormats.Select(open => open(request)).FirstOrDefault(arrays => arrays.Count > 0) ?? throw Codes.FolderWithoutData(request.At, path).Error();
        if (!File.Exists(path)) throw Codes.DataMissing(request.At, path).Error();
        var format = Array.Find(FileFormats, format => format.Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
        if (format is null)
        {
            var head = Head(path);
            format = Array.Find(FileFormats, format => format.Fits(head)) ?? throw Codes.DataFormatUnknown(request.At, path).Error();
        }
        return format.Open(request);
    }

    /// <summary>A set in several npz files, one continuing the other, in ordinal order of their names.</summary>
    private static IReadOnlyList<SampleArray> NpzFolder(DataRequest request) =>
        JoinedArray.Join([.. SampleFolder.Files(request.Path, "*.npz").Select(file => Npz.Open(request with { Path = file }))]);

    /// <summary>A folder with one npy file an array.</summary>
    private static IReadOnlyList<SampleArray> NpyFolder(DataRequest request) =>
        [.. SampleFolder.Files(request.Path, "*.npy").SelectMany(file => Npy.Open(request with { Path = file }))];

    private static byte[] Head(string path) => DataFile.Read(path, "", () =>
    {
        using var stream = File.OpenRead(path);
        var head = new byte[8];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    });
}
