namespace Compress.Testing;

/// <summary>The packages, packed once a run out of what is already built, under a version that no other run has: NuGet never reads a version twice.</summary>
public static class LocalFeed
{
    private static readonly Lazy<string> Packed = new(Pack);

    public static string Version { get; } = $"1.0.0-test.{Guid.NewGuid():N}";

    public static string Folder => Packed.Value;

    public static string Package => Path.Combine(Folder, $"Compress.Build.{Version}.nupkg");

    public static string ToolPackage => Path.Combine(Folder, $"Compress.Tool.{Version}.nupkg");

    /// <summary>Packs once more, under another version.</summary>
    public static void PackAs(string version, string folder)
    {
        foreach (var project in new[] { "Compress.Build", "Compress.Tool" })
            Dotnet.Run(Repository.Root, ["pack", Repository.PathTo("src", project), "--no-build", "-c", Repository.Configuration, "-o", folder, $"-p:PackageVersion={version}", "-p:PackNatives=host"]).Expect(0);
    }

    private static string Pack()
    {
        var folder = Path.Combine(TempRoot.Folder, "feed");
        PackAs(Version, folder);
        return folder;
    }
}
