namespace Compress.Tool.Verbs;

/// <summary>
/// Keeps the time of a lock file that gets one more model's plan: by its time a build sees that it was edited or checked out, and then
/// every model of it counts as changed.
/// </summary>
internal sealed class KeptTime(string file) : IDisposable
{
    private readonly DateTime? time = File.Exists(file) ? File.GetLastWriteTimeUtc(file) : null;

    public void Dispose()
    {
        if (time is { } kept && File.Exists(file)) File.SetLastWriteTimeUtc(file, kept);
    }
}
