using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>What a folder of samples has within.</summary>
public static class SampleFolder
{
    /// <summary>
    /// The folders within it that may hold samples, in ordinal order: not the hidden ones, nor what builds write where the folder is that of a project.
    /// Those within them hold none.
    /// </summary>
    /// <exception cref="CompressionException">CMP3003.</exception>
    public static IReadOnlyList<string> Within(string folder)
    {
        var project = Files(folder, "*.*proj").Count > 0;
        return [.. Folders(folder, "*").Where(inner => !Excluded(Path.GetFileName(inner), project))];
    }

    /// <summary>Its files of such names, in ordinal order.</summary>
    /// <exception cref="CompressionException">CMP3003.</exception>
    internal static IReadOnlyList<string> Files(string folder, string pattern) => DataFile.Read(folder, "", () => Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).ToList());

    /// <summary>The folders right in it.</summary>
    /// <exception cref="CompressionException">CMP3003.</exception>
    internal static IReadOnlyList<string> Folders(string folder, string pattern) => DataFile.Read(folder, "", () => Directory.GetDirectories(folder, pattern).Order(StringComparer.Ordinal).ToList());

    private static bool Excluded(string name, bool project) => name.StartsWith('.') || (project && name is ("bin" or "obj"));
}
