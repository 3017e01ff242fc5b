using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class WatchTests
{
    [TestMethod]
    public void Models_and_policy_are_watched_and_nothing_that_builds_make()
    {
        var project = TempProject.WithModel();
        project.Write("second.onnx", "weights");
        project.Write("second.compressed.onnx", "");
        project.SetProject("""<CompressModel Include="**/*.onnx" />""").Build().Expect(0);

        CollectionAssert.AreEqual(new[] { "Program.cs", "app.csproj", "compress.yaml", "models/net.onnx", "second.onnx" }, Watched(project));

        project.SetProject("""<CompressModel Include="**/*.onnx" />""", "<CompressEnabled>false</CompressEnabled>");
        CollectionAssert.AreEqual(new[] { "Program.cs", "app.csproj" }, Watched(project));
    }

    [TestMethod]
    public void Without_a_model_no_policy_is_watched()
    {
        var project = TempProject.WithModel().SetProject();
        project.Run("restore", project.ProjectFile).Expect(0);

        CollectionAssert.AreEqual(new[] { "Program.cs", "app.csproj" }, Watched(project));
    }

    /// <summary>Paths within the project, in ordinal order.</summary>
    private static string[] Watched(TempProject project) =>
    [
        .. Dotnet.Run(project.Folder, ["watch", "--list", "--non-interactive"], project.Environment()).Expect(0).Text.Split('\n', StringSplitOptions.TrimEntries)
            .Where(File.Exists).Select(file => Path.GetRelativePath(project.Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];
}
