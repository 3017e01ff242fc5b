using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class PublishingTests
{
    [TestMethod]
    public void The_publish_folder_holds_the_compressed_model_with_and_without_a_build()
    {
        var project = TempProject.WithModel();
        project.Run("publish", project.ProjectFile, "-o", project.PathTo("out/1")).Expect(0);
        Assert.AreEqual("compressed:weights", project.Read("out/1/models/net.onnx"));
        project.TakeCalls();

        project.Run("publish", project.ProjectFile, "--no-build", "-o", project.PathTo("out/2")).Expect(0);

        Assert.AreEqual("compressed:weights", project.Read("out/2/models/net.onnx"));
        Assert.AreEqual(0, project.TakeCalls().Count);
    }

    [TestMethod]
    public void A_web_application_has_its_model_too()
    {
        var project = TempProject.WithModel();
        project.Write("app.csproj", project.Read("app.csproj").Replace("Microsoft.NET.Sdk\"", "Microsoft.NET.Sdk.Web\"", StringComparison.Ordinal));

        project.Run("publish", project.ProjectFile, "-o", project.PathTo("out")).Expect(0);

        Assert.AreEqual("compressed:weights", project.Read("out/models/net.onnx"));
    }

    [TestMethod]
    [DataRow("Web", "")]
    [DataRow("Web", "locks/net.json")]
    [DataRow("Web", "$(MSBuildProjectDirectory)/locks/net.json")]
    [DataRow("Worker", "")]
    public void Lock_file_and_schema_are_not_shipped_by_SDKs_that_ship_JSON_files(string sdk, string lockFile)
    {
        var project = TempProject.WithModel().SetProject("""<CompressModel Include="models/net.onnx" />""", $"<CompressLockFile>{lockFile}</CompressLockFile>");
        project.Write("app.csproj", project.Read("app.csproj").Replace("Microsoft.NET.Sdk\"", $"Microsoft.NET.Sdk.{sdk}\"", StringComparison.Ordinal));
        string[] kept = ["compress.lock.json", "compress.schema.json", "policies/compress.lock.json", .. lockFile.Length > 0 ? ["locks/net.json"] : Array.Empty<string>()];
        foreach (var path in kept.Append("appsettings.json")) project.Write(path, "{}");

        project.Run("publish", project.ProjectFile, "-o", project.PathTo("out")).Expect(0);

        Assert.IsTrue(project.Has("out/appsettings.json"));
        foreach (var path in kept) Assert.IsFalse(project.Has("out/" + path) || project.Has(TempProject.Bin(path, "Release")), path);
    }

    [TestMethod]
    public void A_single_file_application_has_its_model_beside_it()
    {
        var project = TempProject.WithModel();

        project.Run("publish", project.ProjectFile, "-p:PublishSingleFile=true", "-p:EnableSingleFileAnalyzer=false", "--no-self-contained", "--use-current-runtime", "-o", project.PathTo("out")).Expect(0);

        Assert.AreEqual("compressed:weights", project.Read("out/models/net.onnx"));
        Assert.IsFalse(project.Has("out/app.dll"));
    }

    [TestMethod]
    public void A_package_of_the_project_holds_neither_the_model_nor_a_dependency_on_ours()
    {
        var project = TempProject.WithModel();

        project.Run("pack", project.ProjectFile, "-o", project.PathTo("out")).Expect(0);

        using var package = System.IO.Compression.ZipFile.OpenRead(Directory.GetFiles(project.PathTo("out"), "*.nupkg").Single());
        Assert.IsFalse(package.Entries.Any(entry => entry.FullName.EndsWith(".onnx", StringComparison.Ordinal)), string.Join('\n', package.Entries));
        using var nuspec = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        Assert.IsFalse(nuspec.ReadToEnd().Contains("Compress.Build", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("None", "true", "compressed:weights")]
    [DataRow("None", "false", "weights")]
    [DataRow("Content", "true", "compressed:weights")]
    [DataRow("Content", "false", "weights")]
    public void A_package_holds_the_model_as_it_is_where_an_item_says_so_and_the_application_the_one_that_is_for_it(string item, string enabled, string shipped)
    {
        var project = TempProject.WithModel();
        project.SetProject($"""<CompressModel Include="models/net.onnx" TargetPath="m/net.onnx" /><{item} Include="models/net.onnx" Pack="true" PackagePath="net" CopyToOutputDirectory="PreserveNewest" />""");

        project.Run("pack", project.ProjectFile, "-o", project.PathTo("out"), $"-p:CompressEnabled={enabled}").Expect(0);

        using var package = System.IO.Compression.ZipFile.OpenRead(Directory.GetFiles(project.PathTo("out"), "*.nupkg").Single());
        using var model = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".onnx", StringComparison.Ordinal)).Open());
        Assert.AreEqual("weights", model.ReadToEnd());
        Assert.AreEqual(shipped, project.Read(TempProject.Bin("m/net.onnx", "Release")));
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx", "Release")));
    }
}
