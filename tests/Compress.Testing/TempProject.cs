namespace Compress.Testing;

/// <summary>
/// A console application in a folder of its own that references the package from the local feed.
/// The tool is the fake one, which records its calls, unless <c>realTool</c> is asked for.
/// </summary>
public sealed class TempProject
{
    private readonly bool realTool;
    private int runs;

    public TempProject(string name = "app", bool realTool = false, string? within = null)
    {
        this.realTool = realTool;
        Name = name;
        Folder = Path.Combine(within ?? TempRoot.NewFolder(name), name);
        Record = Path.Combine(TempRoot.NewFolder("record"), "calls.txt");
        Directory.CreateDirectory(Folder);
        Write("Program.cs", "static class Program { static void Main() { } }");
        Write("nuget.config", $"<configuration><packageSources><clear /><add key=\"local\" value=\"{LocalFeed.Folder}\" /></packageSources></configuration>");
        SetProject();
    }

    public string Name { get; }

    public string Folder { get; }

    public string Record { get; }

    public string ProjectFile => Path.Combine(Folder, Name + ".csproj");

    /// <summary>Writes the project file: the package, and what is given on top.</summary>
    public TempProject SetProject(string items = "", string properties = "", string? version = null, bool package = true)
    {
        var tool = realTool ? "" : $"<CompressToolPath>{Repository.Built("Compress.FakeTool", "Compress.FakeTool.dll")}</CompressToolPath>";
        Write(Name + ".csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                {tool}
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {(package ? $"""<PackageReference Include="Compress.Build" Version="{version ?? LocalFeed.Version}" PrivateAssets="all" />""" : "")}
                {items}
              </ItemGroup>
            </Project>
            """);
        return this;
    }

    /// <summary>A project with one model, models/net.onnx, and a policy of these lines (the fake tool's commands).</summary>
    public static TempProject WithModel(params string[] policy)
    {
        var project = new TempProject();
        project.Write("models/net.onnx", "weights");
        project.Write("compress.yaml", string.Join('\n', policy));
        return project.SetProject("""<CompressModel Include="models/net.onnx" />""");
    }

    public string PathTo(string path) => Path.Combine(Folder, path);

    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathTo(path))!);
        File.WriteAllText(PathTo(path), text);
        return PathTo(path);
    }

    public string Read(string path) => File.ReadAllText(PathTo(path));

    public bool Has(string path) => File.Exists(PathTo(path));

    /// <summary>A path in the application's output.</summary>
    public static string Bin(string path, string configuration = "Debug") => $"bin/{configuration}/net10.0/{path}";

    /// <summary>A compressed model, or a companion of it, among the intermediate files.</summary>
    public static string Obj(string path, string configuration = "Debug") => $"obj/{configuration}/net10.0/compress/{path}";

    /// <summary>What was compressed since the last time this was asked: one model a call.</summary>
    public IReadOnlyList<string> TakeCalls()
    {
        if (!File.Exists(Record)) return [];
        var calls = File.ReadAllLines(Record).Select(line => Path.GetFileName(line.Split('\t')[1])).Order(StringComparer.Ordinal).ToArray();
        File.Delete(Record);
        return calls;
    }

    /// <summary>An option's value in the only call since the last time.</summary>
    public string TakeOption(string name)
    {
        var arguments = File.ReadAllLines(Record).Single().Split('\t');
        File.Delete(Record);
        return arguments[Array.IndexOf(arguments, name) + 1];
    }

    /// <summary>dotnet build; the first one restores.</summary>
    public DotnetRun Build(params string[] arguments) => Run(["build", ProjectFile, .. Restored(), .. arguments]);

    public DotnetRun Run(params string[] arguments) => Dotnet.Run(Folder, [.. arguments, $"-bl:{NextLog()}"], Environment());

    public IReadOnlyDictionary<string, string> Environment() => new Dictionary<string, string>
    {
        ["NUGET_PACKAGES"] = Path.Combine(TempRoot.Folder, "packages"),
        ["COMPRESS_FAKE_RECORD"] = Record,
        ["COMPRESS_CACHE"] = "none",
    };

    private string[] Restored() => File.Exists(PathTo("obj/project.assets.json")) ? ["--no-restore"] : [];

    private string NextLog() => Path.Combine(Path.GetDirectoryName(Record)!, $"{++runs}.binlog");
}
