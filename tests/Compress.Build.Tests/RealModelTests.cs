using System.Text.Json;
using Compress.Testing;

namespace Compress.Build.Tests;

/// <summary>The package as users get it, with the tool inside: no part is replaced.</summary>
[TestClass]
public sealed class RealModelTests
{
    [TestMethod]
    public void A_build_compresses_measures_and_reports()
    {
        var project = Project();

        project.Build().Expect(0);

        using var report = JsonDocument.Parse(project.Read(TempProject.Obj("net.onnx.report.json")));
        Assert.IsTrue(report.RootElement.GetProperty("metric").GetProperty("compressed").GetDouble() > 0.9);
        Assert.AreEqual(report.RootElement.GetProperty("size").GetProperty("compressed").GetInt64(), new FileInfo(project.PathTo(TempProject.Bin("net.onnx"))).Length);
        Assert.AreEqual(0, project.Build().Expect(0).Log.Executions("CompressModel"));
    }

    [TestMethod]
    public void Models_that_share_a_lock_file_do_not_make_each_other_look_old()
    {
        var project = Project(TinyModel.Policy + TinyModel.Policy[TinyModel.Policy.IndexOf("  - model", StringComparison.Ordinal)..].Replace("net.onnx", "second.onnx", StringComparison.Ordinal));
        File.Copy(project.PathTo("net.onnx"), project.PathTo("second.onnx"));
        project.SetProject("""<CompressModel Include="net.onnx;second.onnx" />""");

        Assert.AreEqual(2, project.Build().Expect(0).Log.Executions("CompressModel"));
        Assert.AreEqual(0, project.Build().Expect(0).Log.Executions("CompressModel"));
    }

    [TestMethod]
    public void A_missed_gate_is_an_error_at_its_line_and_the_candidate_stays_for_a_look()
    {
        var project = Project(TinyModel.Policy.Replace("min: 0.9", "min: 1", StringComparison.Ordinal));

        var run = project.Build().Expect(1);

        var error = run.Log.Errors.Single();
        Assert.AreEqual(("CMP7001", project.PathTo("compress.yaml"), 5), (error.Code, error.File, error.Line));
        Assert.IsFalse(project.Has(TempProject.Obj("net.onnx")));
        Assert.AreEqual(1, Directory.GetFiles(project.PathTo(TempProject.Obj("missed")), "*.onnx", SearchOption.AllDirectories).Length);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" -p:CompressEnabled=false")]
    public void A_command_may_build_the_project_around_it_when_that_build_does_not_compress(string option)
    {
        // The program prints a number, whatever the model.
        var gate = $"accuracy: {{ metric: command, timeout: 2min, command: 'dotnet run --no-restore{option} -p:OutputPath=within/ -- {{model}}' }}";
        var project = Project(TinyModel.Policy.Replace("accuracy: { data: validation.npy, metric: cosine, min: 0.9 }", gate, StringComparison.Ordinal));
        project.Write("Program.cs", "static class Program { static void Main() => System.Console.WriteLine(93.5); }");

        var run = project.Build().Expect(option == "" ? 1 : 0);

        Assert.AreEqual(option == "" ? "CMP7014" : "", string.Join(' ', run.Log.Errors.Select(error => error.Code)), run.Text);
    }

    [TestMethod]
    public void What_no_longer_passes_does_not_stay_for_a_publish_without_build()
    {
        var project = Project();
        project.Build().Expect(0);
        Assert.IsTrue(project.Has("compress.lock.json"));

        project.Write("compress.yaml", TinyModel.Policy.Replace("min: 0.9", "min: 1", StringComparison.Ordinal));
        project.Build().Expect(1);

        Assert.IsFalse(project.Has(TempProject.Obj("net.onnx")));
        Assert.IsFalse(project.Has(TempProject.Obj("net.onnx.report.json")));
    }

    [TestMethod]
    public void A_policy_for_Release_leaves_Debug_alone()
    {
        var project = Project(TinyModel.Policy + "    when: Release\n");

        File.Move(project.PathTo("samples.npy"), project.PathTo("elsewhere.npy"));
        var left = project.Build().Expect(0);
        CollectionAssert.AreEqual(Bytes("net.onnx"), Bytes(TempProject.Bin("net.onnx")));
        StringAssert.Contains(left.Text, "net.onnx is left as it is: the policy compresses it for Release, this is Debug");
        Assert.IsFalse(left.Text.Contains("Compressing", StringComparison.Ordinal), left.Text);
        Assert.AreEqual(0, project.Build().Expect(0).Log.Executions("CompressModel"));

        Assert.AreEqual("CMP1020", project.Build("-c", "Release").Expect(1).Log.Errors.Single().Code);
        File.Move(project.PathTo("elsewhere.npy"), project.PathTo("samples.npy"));
        project.Build("-c", "Release").Expect(0);
        CollectionAssert.AreNotEqual(Bytes("net.onnx"), Bytes(TempProject.Bin("net.onnx", "Release")));

        byte[] Bytes(string path) => File.ReadAllBytes(project.PathTo(path));
    }

    [TestMethod]
    public void Samples_beside_the_project_and_behind_a_link_are_watched_and_nothing_else_is()
    {
        var project = Project(TinyModel.Policy.Replace("samples.npy", ".", StringComparison.Ordinal).Replace("validation.npy", "linked", StringComparison.Ordinal));
        File.Move(project.PathTo("samples.npy"), project.PathTo("input.npy"));
        var elsewhere = TempRoot.NewFolder("elsewhere");
        File.Move(project.PathTo("validation.npy"), Path.Combine(elsewhere, "input.npy"));
        Directory.CreateSymbolicLink(project.PathTo("linked"), elsewhere);
        project.Write(".git/index", "");
        project.Build().Expect(0);
        project.Build().Expect(0); // The first one made the lock file and the folder of the output beside the samples.

        foreach (var folder in new[] { "obj", "bin", ".git" }) project.Write(folder + "/new.txt", "");
        Assert.AreEqual(0, project.Build().Expect(0).Log.Executions("CompressModel"));

        File.Copy(Path.Combine(elsewhere, "input.npy"), Path.Combine(elsewhere, "more.npy"));
        Assert.AreEqual(1, project.Build().Expect(0).Log.Executions("CompressModel"));
    }

    private static TempProject Project(string policy = TinyModel.Policy)
    {
        var project = new TempProject(realTool: true);
        TinyModel.Write(project.Folder, policy);
        return project.SetProject("""<CompressModel Include="net.onnx" />""");
    }
}
