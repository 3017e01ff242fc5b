using System.IO.Compression;
using System.Text;

namespace DetectorIoU;

/// <summary>Reads one array of an .npz file: a zip of .npy members, each a text header and then the values.</summary>
internal static class Npy
{
    public static byte[] Bytes(string npz, string array)
    {
        using var zip = ZipFile.OpenRead(npz);
        var entry = zip.GetEntry(array + ".npy") ?? throw new InvalidDataException($"{npz} has no array '{array}'.");
        using var stream = entry.Open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        var bytes = buffer.ToArray();
        var version1 = Encoding.ASCII.GetString(bytes, 1, 5) == "NUMPY" && bytes[6] == 1;
        return version1 ? bytes[(10 + BitConverter.ToUInt16(bytes, 8))..] : throw new InvalidDataException($"'{array}' in {npz} is no .npy file of version 1.");
    }
}
