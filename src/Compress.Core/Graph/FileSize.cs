namespace Compress.Graph;

/// <summary>Bytes of a file; of a symbolic link, those of what it leads to (<see cref="FileInfo.Length"/> counts the link itself).</summary>
public static class FileSize
{
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static long Of(string path)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }
}
