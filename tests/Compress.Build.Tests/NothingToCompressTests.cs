using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class NothingToCompressTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("""<CompressModel Include="modles/*.onnx" />""")]
    [DataRow("""<CompressModel Include="models/*.compressed.onnx" />""")]
    public void A_policy_without_a_model_is_a_warning_that_can_be_raised_or_silenced(string items)
    {
        var project = Project(items);

        var warning = project.Build().Expect(0).Log.Warnings.Single();
        Assert.AreEqual(("CMP0014", project.ProjectFile), (warning.Code, warning.File));
        StringAssert.Contains(warning.Text, """<CompressModel Include="…" />""");
        Assert.AreEqual("CMP0014", project.Build("-t:CompressModels").Expect(0).Log.Warnings.Single().Code);
        Assert.AreEqual("CMP0014", project.Build("-warnaserror").Expect(1).Log.Errors.Single().Code);
        foreach (var option in new[] { "-p:NoWarn=CMP0014", "-p:MSBuildWarningsAsMessages=CMP0014", "-p:CompressEnabled=false" })
            Assert.AreEqual(0, project.Build("-warnaserror", option).Expect(0).Log.Warnings.Count, option);
        Assert.AreEqual(1, project.Run("publish", project.ProjectFile, "-p:Configuration=Debug").Expect(0).Log.Warnings.Count);
        Assert.AreEqual(0, project.Run("publish", project.ProjectFile, "-p:Configuration=Debug", "--no-build").Expect(0).Log.Warnings.Count);
    }

    [TestMethod]
    public void An_IDE_that_only_asks_is_not_warned()
    {
        var project = Project();
        project.Run("restore", project.ProjectFile).Expect(0);

        var run = project.Run("msbuild", project.ProjectFile, "-t:GetCopyToOutputDirectoryItems", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true").Expect(0);

        Assert.AreEqual(0, run.Log.Warnings.Count);
    }

    [TestMethod]
    public void The_build_around_those_of_several_frameworks_adds_no_warning()
    {
        var project = Project(properties: MultiTargetingTests.Frameworks);

        Assert.AreEqual(2, project.Build().Expect(0).Log.Warnings.Count);
    }

    [TestMethod]
    [DataRow("all")]
    [DataRow("none")]
    public void An_application_that_has_the_package_through_a_library_is_not_warned(string privateAssets)
    {
        var root = TempRoot.NewFolder("tree");
        var library = new TempProject("library", within: root);
        library.Write("net.onnx", "weights");
        library.Write("compress.yaml", "");
        library.SetProject("""<CompressModel Include="net.onnx" />""", "<OutputType>Library</OutputType>");
        library.Write("library.csproj", library.Read("library.csproj").Replace("\"all\"", $"\"{privateAssets}\"", StringComparison.Ordinal));
        var app = new TempProject("app", within: root).SetProject($"""<ProjectReference Include="{library.ProjectFile}" />""", package: false);
        app.Write("compress.yaml", "");

        var run = app.Build().Expect(0);

        Assert.AreEqual(privateAssets == "none", app.Read("obj/app.csproj.nuget.g.targets").Contains("Compress.Build.targets", StringComparison.Ordinal), "the case is what it should be");
        Assert.AreEqual(0, run.Log.Warnings.Count);
        Assert.IsTrue(app.Has(TempProject.Bin("net.onnx")));
    }

    private static TempProject Project(string items = "", string properties = "")
    {
        var project = new TempProject();
        project.Write("compress.yaml", "");
        project.Write("models/net.compressed.onnx", "");
        return project.SetProject(items, properties);
    }
}
