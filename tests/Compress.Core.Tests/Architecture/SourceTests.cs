using System.Text.RegularExpressions;
using Compress.Testing;

namespace Compress.Core.Tests.Architecture;

/// <summary>The shape of the sources: one flow in one direction, files that can be read in one go.</summary>
[TestClass]
public sealed partial class SourceTests
{
    private const int LongestFile = 400;

    /// <summary>The flow. A folder uses only those before it.</summary>
    private static readonly string[] Stages =
        ["Diagnostics", "Policy", "Graph", "Data", "Runtime", "Gradients", "Analysis", "Plan", "Apply", "Training", "Evaluate", "Search", "Emit"];

    private static string Core => Repository.PathTo("src", "Compress.Core");

    [TestMethod]
    public void A_stage_uses_only_the_stages_before_it()
    {
        var wrong =
            from file in Sources(Core)
            let stage = Array.IndexOf(Stages, Stage(file))
            where stage >= 0
            from match in Mention().Matches(File.ReadAllText(file))
            where Array.IndexOf(Stages, match.Groups["stage"].Value) > stage
            select $"{Name(file)} uses {match.Groups["stage"].Value}";

        Assert.AreEqual("", string.Join('\n', wrong.Distinct()));
    }

    [TestMethod]
    public void A_folder_is_a_namespace_in_a_stage()
    {
        var wrong =
            from file in Sources(Core)
            let folders = Path.GetRelativePath(Core, file).Split(Path.DirectorySeparatorChar)[..^1]
            let expected = $"namespace {string.Join('.', folders.Prepend("Compress"))};"
            where (folders.Length > 0 && !Stages.Contains(folders[0])) || !File.ReadLines(file).Contains(expected)
            select $"{Name(file)}: expected '{expected}', in a stage of the flow";

        Assert.AreEqual("", string.Join('\n', wrong));
    }

    [TestMethod]
    public void No_file_is_longer_than_400_lines()
    {
        var tooLong =
            from folder in (string[])["src", "tests", "samples", "bench"]
            where Directory.Exists(Repository.PathTo(folder))
            from file in Sources(Repository.PathTo(folder))
            let lines = File.ReadLines(file).Count()
            where lines > LongestFile
            select $"{Name(file)}: {lines}";

        Assert.AreEqual("", string.Join('\n', tooLong));
    }

    /// <summary>The folder directly below Compress.Core; empty for its own files.</summary>
    private static string Stage(string file) => Path.GetRelativePath(Core, file).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : "";

    private static string Name(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^using (static )?Compress\.(?<stage>\w+)|\bCompress\.(?<stage>[A-Z]\w+)\.", RegexOptions.Multiline)]
    private static partial Regex Mention();
}
