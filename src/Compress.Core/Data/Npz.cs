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
        return [.. members.Select(member => Npy.Array(member.FullName[..^Extension.Length], file, member.Length, () => Member(file, member.FullName)))];
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
