namespace Compress.Data;

/// <summary>What a folder of samples has within.</summary>
public static class SampleFolder
{
    /// <summary>
    /// The folders within it that may hold samples, in ordinal order: not the hidden ones, nor what builds write where the folder is that of a project.
    /// Those within them hold none.
    /// </summary>
    public static IReadOnlyList<string> Within(string folder)
    {
        var project = Directory.EnumerateFiles(folder, "*.*proj").Any();
        return [.. Directory.GetDirectories(folder).Where(inner => !Excluded(Path.GetFileName(inner), project)).Order(StringComparer.Ordinal)];
    }

    private static bool Excluded(string name, bool project) => name.StartsWith('.') || (project && name is ("bin" or "obj"));
}
