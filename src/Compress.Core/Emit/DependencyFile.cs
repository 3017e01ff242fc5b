using Compress.Data;
using Compress.Graph;

namespace Compress.Emit;

/// <summary>
/// Every file that a result depends on, one absolute path a line in ordinal order: what an incremental build compares with. Folders have a slash at
/// their end. Beside a symbolic link stands what it leads to, because the time of a link is its own.
/// </summary>
public static class DependencyFile
{
    /// <exception cref="Diagnostics.CompressionException">CMP8001 when it can't be written.</exception>
    public static void Write(string path, IEnumerable<string> files) =>
        AtomicFile.Write(path, string.Concat(files.Select(Path.GetFullPath).SelectMany(WithTarget).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(file => file + "\n")));

    private static IEnumerable<string> WithTarget(string path)
    {
        var link = Path.TrimEndingDirectorySeparator(path);
        if (Directory.Exists(link)) return Directory.ResolveLinkTarget(link, returnFinalTarget: true) is { } folder ? [path, folder.FullName + Path.DirectorySeparatorChar] : [path];
        return File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } file ? [path, file.FullName] : [path];
    }
}
