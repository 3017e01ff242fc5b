namespace Compress.Bench;

/// <summary>A folder with models/, data/ and peers/.</summary>
internal sealed record Assets(string Folder)
{
    public string Model(string name) => Path.Combine(Folder, "models", name + ".onnx");

    public string Data(string name) => Path.Combine(Folder, "data", name + ".npz");

    /// <summary>Files that other tools made of a model.</summary>
    public IReadOnlyList<string> Peers(string model)
    {
        var folder = Path.Combine(Folder, "peers");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, model + ".*.onnx").Order(StringComparer.Ordinal)] : [];
    }
}

/// <summary>Where this repository and the results of its benchmarks lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Models, policies and figures; not committed.</summary>
    public static string Results(params string[] parts) => Path.Combine([Root, "artifacts", "bench", .. parts]);

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Compress.Build.sln"))) return folder;
        throw new InvalidOperationException("The benchmarks run from within the repository.");
    }
}
