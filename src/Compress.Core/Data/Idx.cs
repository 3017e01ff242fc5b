using System.Buffers.Binary;
using System.IO.Compression;
using Compress.Diagnostics;
using Compress.Graph;

namespace Compress.Data;

/// <summary>
/// The IDX format of MNIST and its kind, plain or gzipped: two zero bytes, a type, a rank, the dimensions, the values, all big-endian.
/// Beside <c>train-images-idx3-ubyte</c> the labels are found as <c>train-labels-idx1-ubyte</c>.
/// </summary>
internal static class Idx
{
    public static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var images = Array("images", request.Path);
        return LabelsBeside(request.Path) is { } labels ? [images, Array("labels", labels)] : [images];
    }

    /// <summary>Whether these first bytes of a file are an IDX header.</summary>
    public static bool Fits(ReadOnlySpan<byte> head) => head.Length >= 4 && head[0] == 0 && head[1] == 0 && ElementTypes.OfIdx(head[2]) is not null && head[3] is > 0 and < 8;

    private static BinaryArray Array(string name, string file)
    {
        var (element, dims, start) = DataFile.Read(file, name, () =>
        {
            using var stream = Stream(file);
            return Header(stream.Values, file, name);
        });
        // A gzipped file tells its length only at its end: there, reading finds out.
        if (!IsGzip(file) && Tensor.ElementCount(dims) * element.Size > FileSize.Of(file) - start) throw Codes.DataTruncated(file, name).Error();
        return new BinaryArray(name, file, element, dims, bigEndian: true, () => Stream(file).Skip(start));
    }

    private static (ElementType Element, long[] Dims, int Start) Header(Stream stream, string file, string name)
    {
        var head = new byte[4];
        stream.ReadExactly(head);
        if (!Fits(head)) throw Codes.DataHeaderInvalid(file, name, "it does not begin with the IDX magic number").Error();
        var sizes = new byte[4 * head[3]];
        stream.ReadExactly(sizes);
        var dims = new long[head[3]];
        for (var i = 0; i < dims.Length; i++) dims[i] = BinaryPrimitives.ReadUInt32BigEndian(sizes.AsSpan(4 * i));
        if (dims.Aggregate(1.0, (product, dim) => product * dim) > long.MaxValue / 8) throw Codes.DataHeaderInvalid(file, name, $"the shape {Shapes.Text(dims)} is not one").Error();
        return (ElementTypes.OfIdx(head[2])!, dims, head.Length + sizes.Length);
    }

    private static ValueStream Stream(string file)
    {
        var stream = File.OpenRead(file);
        return IsGzip(file) ? new(new GZipStream(stream, CompressionMode.Decompress), stream) : new(stream);
    }

    private static bool IsGzip(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    private static string? LabelsBeside(string file)
    {
        var name = Path.GetFileName(file);
        var labels = name.Replace("images", "labels", StringComparison.OrdinalIgnoreCase).Replace("idx3", "idx1", StringComparison.OrdinalIgnoreCase);
        if (labels == name) return null;
        string[] candidates = [labels, labels + ".gz", IsGzip(labels) ? labels[..^3] : labels];
        return candidates.Select(candidate => Path.Combine(Path.GetDirectoryName(file)!, candidate)).FirstOrDefault(File.Exists);
    }
}
