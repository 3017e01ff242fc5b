using System.Globalization;
using Compress.Diagnostics;
using Onnx;

namespace Compress.Graph;

/// <summary>Values that lie in files beside the model (ONNX: external data). A location that leads out of the model's folder is refused; links within it are followed.</summary>
internal sealed class ExternalData(string modelPath, List<string> files)
{
    /// <summary>For messages whose values are all inside.</summary>
    public static readonly ExternalData None = new("", []);

    public string ModelPath => modelPath;

    public byte[] Read(TensorProto message)
    {
        string Entry(string key) => message.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value ?? "";
        long Number(string key, long fallback) => Entry(key) is not { Length: > 0 } text ? fallback : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

        var location = Entry("location");
        var file = Locate(message.Name, location);
        using var stream = File.OpenRead(file);
        if (!files.Contains(file)) files.Add(file);
        var offset = Number("offset", 0);
        var length = Number("length", stream.Length - offset);
        if (offset < 0 || length < 0 || offset > stream.Length - length) throw Codes.ExternalDataShort(modelPath, message.Name, location).Error();
        if (length > Array.MaxLength) throw Codes.TensorTooLarge(modelPath, message.Name, length).Error();
        var bytes = new byte[length];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Whether a file lies in a folder or below it, by their names.</summary>
    /// <param name="folder">An absolute path; it may be a root.</param>
    internal static bool IsInside(string folder, string file) =>
        Path.GetRelativePath(folder, file) is not "." and var path && !Path.IsPathRooted(path) && path.Split(Path.DirectorySeparatorChar)[0] != "..";

    private string Locate(string tensor, string location)
    {
        if (modelPath.Length == 0) throw Codes.ExternalDataMissing(modelPath, tensor, location).Error();
        var folder = Path.GetDirectoryName(Path.GetFullPath(modelPath)) ?? "";
        var file = Path.GetFullPath(Path.Combine(folder, location));
        if (location.Length == 0 || !IsInside(folder, file)) throw Codes.ExternalDataOutside(modelPath, tensor, location).Error();
        return File.Exists(file) ? file : throw Codes.ExternalDataMissing(modelPath, tensor, location).Error();
    }
}
