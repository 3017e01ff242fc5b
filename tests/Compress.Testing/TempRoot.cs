namespace Compress.Testing;

/// <summary>One folder a test run, outside the repository, so that none of its settings leak into the projects under test.</summary>
public static class TempRoot
{
    private static int counter;

    public static string Folder { get; } = Create();

    /// <summary>A new folder in it. The evidence of failed runs stays there when COMPRESS_KEEP_TEMP is set.</summary>
    public static string NewFolder(string name)
    {
        var folder = Path.Combine(Folder, Interlocked.Increment(ref counter).ToString("D3") + "-" + name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    private static string Create()
    {
        var folder = Path.Combine(Path.GetTempPath(), "compress-tests", Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" }) File.WriteAllText(Path.Combine(folder, name), "<Project />");
        if (Environment.GetEnvironmentVariable("COMPRESS_KEEP_TEMP") is null)
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                try { Directory.Delete(folder, recursive: true); }
                catch (IOException) { }
            };
        return folder;
    }
}
