using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class SeveralFailuresTests
{
    [TestMethod]
    public void Every_model_is_tried_every_error_shows_and_what_succeeded_is_not_done_again()
    {
        var project = Project(["miss", "", "crash"]);

        var run = project.Build().Expect(1);
        CollectionAssert.AreEquivalent(new[] { "CMP7001", "MSB6006" }, run.Log.Errors.Select(error => error.Code).ToArray());
        CollectionAssert.AreEqual(new[] { "0.onnx", "1.onnx", "2.onnx" }, project.TakeCalls().ToArray());
        Assert.IsTrue(project.Has(TempProject.Obj("1.onnx")));
        Assert.IsFalse(Directory.Exists(project.PathTo("bin/Debug/net10.0")) && Directory.EnumerateFileSystemEntries(project.PathTo("bin/Debug/net10.0")).Any());

        project.Write("0.yaml", "");
        Assert.AreEqual("MSB6006", project.Build("-t:CompressModels").Expect(1).Log.Errors.Single().Code);
        CollectionAssert.AreEqual(new[] { "0.onnx", "2.onnx" }, project.TakeCalls().ToArray());

        project.Write("2.yaml", "");
        project.Build().Expect(0);
        CollectionAssert.AreEqual(new[] { "2.onnx" }, project.TakeCalls().ToArray());
        for (var i = 0; i < 3; i++) Assert.AreEqual($"compressed:{i}", project.Read(TempProject.Bin($"{i}.onnx")));
    }

    [TestMethod]
    public void A_warning_that_is_raised_to_an_error_keeps_no_model_from_being_tried()
    {
        var project = Project(["warn", "", "warn"]);

        CollectionAssert.AreEqual(new[] { "CMP3001", "CMP3001" }, project.Build("-warnaserror").Expect(1).Log.Errors.Select(error => error.Code).ToArray());
        Assert.AreEqual(3, project.TakeCalls().Count);

        Assert.AreEqual(2, project.Build().Expect(0).Log.Warnings.Count);
        Assert.AreEqual(0, project.TakeCalls().Count);
    }

    [TestMethod]
    public void A_library_whose_models_fail_fails_the_application()
    {
        var root = TempRoot.NewFolder("failing");
        var library = Project(["miss", "miss"], root, "<OutputType>Library</OutputType>");
        var app = new TempProject(within: root).SetProject($"""<ProjectReference Include="{library.ProjectFile}" />""", package: false);

        Assert.AreEqual(2, app.Build("-m").Expect(1).Log.Errors.Count);

        Assert.IsFalse(app.Has(TempProject.Bin("app.dll")));
    }

    [TestMethod]
    [DataRow("CMP7001", "miss", "")]
    [DataRow("CMP0007", "", "-p:CompressToolPath=nowhere/tool.dll")]
    public void An_error_that_models_have_in_common_shows_once_in_each_build_of_the_project(string code, string policy, string option)
    {
        var project = Project([policy, policy, policy]);
        project.SetProject("""<CompressModel Include="*.onnx" Policy="0.yaml" />""", MultiTargetingTests.Frameworks);

        foreach (var expected in new[] { 6, 6 })
        {
            var run = project.Build("-m", option).Expect(1);
            Assert.AreEqual($"{code} {code}", string.Join(' ', run.Log.Errors.Select(error => error.Code)), run.Text);
            Assert.AreEqual(option == "" ? expected : 0, project.TakeCalls().Count);
        }
    }

    /// <summary>A model for each policy: 0.onnx under 0.yaml and so on.</summary>
    private static TempProject Project(string[] policies, string? within = null, string properties = "")
    {
        var project = new TempProject("models", within: within);
        foreach (var (i, policy) in policies.Index())
        {
            project.Write($"{i}.onnx", $"{i}");
            project.Write($"{i}.yaml", policy);
        }
        return project.SetProject("""<CompressModel Include="*.onnx" Policy="%(Filename).yaml" />""", properties);
    }
}
