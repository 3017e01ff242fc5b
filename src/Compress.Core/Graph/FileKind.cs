using System.Text;

namespace Compress.Graph;

/// <summary>What a file that is no ONNX model looks like, by its first bytes.</summary>
internal static class FileKind
{
    private const int HeaderLength = 64;

    private static readonly (int Offset, string Mark, string What)[] Marks =
    [
        (0, "PK\u0003\u0004", "a zip archive or a PyTorch file"),
        (0, "\u0089HDF", "an HDF5 or Keras file"),
        (0, "\u0080\u0002", "a pickled PyTorch file"),
        (0, "\u001f\u008b", "a gzip file"),
        (4, "TFL3", "a TensorFlow Lite model"),
        (4, "ORTM", "a model in ONNX Runtime's own ORT format"),
        (0, "GGUF", "a GGUF model"),
        (0, "<", "an HTML or XML page, such as a failed download"),
        (0, "{", "a JSON file"),
    ];

    /// <summary>Git LFS puts such a text in place of a file that was not fetched.</summary>
    public static bool IsLfsPointer(ReadOnlySpan<byte> file) => Header(file).StartsWith("version https://git-lfs.github.com/spec/", StringComparison.Ordinal);

    /// <summary>A guess in words; "" when there is none.</summary>
    public static string Guess(ReadOnlySpan<byte> file)
    {
        var text = Header(file);
        return Array.Find(Marks, mark => text.AsSpan(Math.Min(mark.Offset, text.Length)).StartsWith(mark.Mark, StringComparison.Ordinal)).What ?? "";
    }

    private static string Header(ReadOnlySpan<byte> file) => Encoding.Latin1.GetString(file[..Math.Min(file.Length, HeaderLength)]);
}
