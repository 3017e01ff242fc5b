namespace Compress.Testing;

/// <summary>Where this repository and what it has built lie.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>debug or release: the configuration that the tests were built in.</summary>
    public static string Configuration { get; } = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\'));

    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A file that a project of this repository has built.</summary>
    public static string Built(string project, string file) => PathTo("artifacts", "bin", project, Configuration, file);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Compress.Build.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No Compress.Build.sln above {AppContext.BaseDirectory}.");
    }
}
