namespace Compress.Policy;

/// <summary>Paths without links, by which two names of one file are the same. Where there is nothing they stay as they are. A folder is looked at once.</summary>
internal sealed class RealPaths
{
    private readonly Dictionary<string, string> folders = new(StringComparer.Ordinal);

    /// <summary>What a path leads to.</summary>
    public string Of(string path)
    {
        var place = PlaceOf(path);
        try
        {
            return File.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName ?? place;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return place;
        }
    }

    /// <summary>Where a file is that is to be replaced: a link itself, not what it leads to.</summary>
    public string PlaceOf(string path)
    {
        path = Path.GetFullPath(path);
        if (Path.GetDirectoryName(path) is not { } folder) return path;
        if (!folders.TryGetValue(folder, out var real)) folders[folder] = real = Of(folder);
        return Path.Combine(real, Path.GetFileName(path));
    }
}
