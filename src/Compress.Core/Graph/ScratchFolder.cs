using Compress.Diagnostics;

namespace Compress.Graph;

/// <summary>A folder of this run alone. What can't be deleted in the end is left to the system: no run fails by it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo folder;

    /// <exception cref="CompressionException">CMP8001: there is no place for it.</exception>
    public ScratchFolder()
    {
        try
        {
            folder = Directory.CreateTempSubdirectory("compress-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.CannotWrite(Path.GetTempPath(), e.Message).Error(e);
        }
    }

    public string File(string name) => Path.Combine(folder.FullName, name);

    public void Dispose()
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
