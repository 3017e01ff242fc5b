using System.IO.Compression;
using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>The npz format: a zip file with one npy file an array, stored or deflated. Values are read through the zip stream, never as a whole.</summary>
internal static class Npz
{
    private const string Extension = ".npy";

    public static ReadOnlySpan<byte> Magic => "PK"u8;

    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var file = request.Path;
        var members = DataFile.Read(file, "", () =>
        {
            using var zip = ZipFile.OpenRead(file);
            return zip.Entries.Where(entry => entry.FullName.EndsWith(Extension, StringComparison.Ordinal)).Select(entry => (entry.FullName, entry.Length)).ToList();
        });
        if (members.Count == 0) throw Codes.DataUnreadable(file, "The zip file holds no .npy member.").Error();
        return [.. members.Select(member => Array(member.FullName[..^Extension.Length], file, member.Length, () => Member(file, member.FullName)))];
    }

    /// <summary>Names of classes and the like lie in many files: what nobody asks for may be of any type.</summary>
    private static SampleArray Array(string name, string file, long length, Func<ValueStream> open)
    {
        try
        {
            return Npy.Array(name, file, length, open);
        }
        catch (CompressionException e) when (e.Diagnostic.Code is "CMP3006" or "CMP3007")
        {
            return new OtherArray(name, file, e);
        }
    }

    /// <summary>An array that is none of ours.</summary>
    private sealed class OtherArray(string name, string file, CompressionException why) : SampleArray(name, file, Onnx.TensorProto.Types.DataType.Undefined, [])
    {
        public override CompressionException? Unreadable => why;

        public override IRowReader Open(long row) => throw why;

        public override string ToString() => $"'{Name}' (not readable)";
    }

    private static ValueStream Member(string file, string name)
    {
        var zip = ZipFile.OpenRead(file);
        try
        {
            return new(zip.GetEntry(name)!.Open(), zip);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }
}
