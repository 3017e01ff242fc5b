using System.Diagnostics;

namespace Compress.Bench;

/// <summary>
/// Times around the build: the same console application with the package and without it, built again and again with nothing to do; the build that only
/// applies a lock file; and the compression of resnet20 to int8 from the command line, gate included.
/// </summary>
internal static class BuildOverheadVerb
{
    private const string Version = "1.0.0-bench";
    private const int Repeats = 5;

    private static readonly Row Model = Rows.All.First(row => row.Name == "resnet20 int8");

    private static string Feed => Repository.Results("feed");

    private static string Packages => Repository.Results("packages");

    public static string Run(Assets assets, int rounds)
    {
        Progress("packing");
        if (Directory.Exists(Packages)) Directory.Delete(Packages, recursive: true);
        _ = Dotnet(Repository.Root, "pack", "src/Compress.Build", "-c", "Release", "-o", Feed, $"-p:PackageVersion={Version}", "-p:PackNatives=host", "-v", "q");
        var (with, without) = (Project("with", assets, package: true), Project("without", assets, package: false));
        foreach (var project in (string[])[with, without])
            for (var i = 0; i < 2; i++) _ = Dotnet(project, "build", "-v", "q");

        var pairs = Enumerable.Range(0, rounds).Select(round => Pair(with, without, round)).ToList();
        var locked = Enumerable.Range(0, Repeats).Select(_ => Locked(with)).ToList();
        var alone = Enumerable.Range(0, Repeats).Select(_ => CommandLine(with)).ToList();
        return Markdown.Table(["what", "median", "target"],
        [
            [$"`dotnet build` with nothing to do, without the package ({rounds} builds)", $"{Median(pairs.Select(pair => pair.Without)):0} ms", ""],
            ["the same with the package", $"{Median(pairs.Select(pair => pair.With)):0} ms", ""],
            ["difference of neighbouring builds", $"{Median(pairs.Select(pair => pair.With - pair.Without)):0} ms", "≤ 50 ms"],
            [$"`dotnet build -p:CompressLocked=true` of resnet20, its output deleted ({Repeats} builds)", $"{Median(locked) / 1000:0.0} s", "≤ 3 s"],
            [$"`dotnet compress` of resnet20 to int8, gate included ({Repeats} runs)", $"{Median(alone) / 1000:0.0} s", "≤ 10 s"],
        ]);
    }

    private static (double With, double Without) Pair(string with, string without, int round)
    {
        Progress($"round {round + 1}");
        // Every second round backwards: whatever else the machine does meets both alike.
        var first = Build(round % 2 == 0 ? with : without);
        var second = Build(round % 2 == 0 ? without : with);
        return round % 2 == 0 ? (first, second) : (second, first);
    }

    private static double Build(string project) => Dotnet(project, "build", "--no-restore", "-v", "q");

    private static double Locked(string project)
    {
        Progress("locked build");
        Directory.Delete(Path.Combine(project, "obj", "Debug", "net10.0", "compress"), recursive: true);
        return Dotnet(project, "build", "--no-restore", "-v", "q", "-p:CompressLocked=true");
    }

    private static double CommandLine(string project)
    {
        Progress("command line");
        var tool = Path.Combine(Packages, "compress.build", Version, "tools", "net10.0", "any", "Compress.Tool.dll");
        var fresh = Path.Combine(project, "alone.lock.json");
        File.Delete(fresh);
        return Dotnet(project, "exec", tool, "resnet20.onnx", "--output", "alone.onnx", "--report", "alone.json", "--lock", fresh);
    }

    private static string Project(string name, Assets assets, bool package)
    {
        var folder = Repository.Results("builds", name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        // An application of its own: nothing of this repository's settings.
        foreach (var settings in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"]) Write(settings, "<Project />");
        Write("nuget.config", $"<configuration><packageSources><add key=\"bench\" value=\"{Feed}\" /></packageSources></configuration>");
        Write("Program.cs", "System.Console.WriteLine();");
        File.Copy(assets.Model("resnet20"), Path.Combine(folder, "resnet20.onnx"));
        Write("compress.yaml", $"""
            version: 1
            models:
              - model: resnet20.onnx
                calibration: {"{"} data: '{assets.Data(Model.Model.Calibration)}', preprocess: {Model.Model.Preprocess} {"}"}
                accuracy: {"{"} data: '{assets.Data("fashion-mnist-validation")}', labels: labels, metric: top1, max-drop: 0.5 {"}"}
                {Model.Policy.ReplaceLineEndings("\n    ")}

            """);
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                {(package ? $"""<PackageReference Include="Compress.Build" Version="{Version}" PrivateAssets="all" /><CompressModel Include="resnet20.onnx" />""" : """<Content Include="resnet20.onnx" CopyToOutputDirectory="PreserveNewest" />""")}
              </ItemGroup>
            </Project>
            """);
        return folder;

        void Write(string file, string text) => File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>Milliseconds of the process.</summary>
    private static double Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // Nothing of the build around this process leaks in, no node stays behind, and no result is found ready-made.
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["COMPRESS_CACHE"] = "none";
        if (arguments[0] != "pack") start.Environment["NUGET_PACKAGES"] = Packages;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? clock.Elapsed.TotalMilliseconds : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with code {process.ExitCode}:\n{text}{errors.Result}");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Progress(string what) => Console.Error.WriteLine($"build-overhead: {what}");
}
