using System.Text.Json;
using Compress.Policy;
using Compress.Testing;
using Compress.Tool.Verbs;

namespace Compress.Tool.Tests;

[TestClass]
public sealed class CompressTests
{
    private readonly string folder = TempRoot.NewFolder("compress");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    public void A_model_is_compressed_and_the_report_has_its_figures()
    {
        var model = TinyModel.Write(folder);

        var run = ToolRun.Of("compress", model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out/net.onnx"), "--report", PathTo("out/net.json")).Expect(0);

        Assert.IsTrue(File.Exists(PathTo("out/net.onnx")));
        using var report = JsonDocument.Parse(File.ReadAllText(PathTo("out/net.json")));
        Assert.AreEqual(new FileInfo(PathTo("out/net.onnx")).Length, report.RootElement.GetProperty("size").GetProperty("compressed").GetInt64());
        StringAssert.Contains(run.Output, "net.onnx -> ");
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    public void Without_a_temporary_folder_models_are_compressed_but_not_measured_by_a_command()
    {
        var model = TinyModel.Write(folder);
        File.WriteAllText(PathTo("file"), "");
        var environment = new Dictionary<string, string> { [OperatingSystem.IsWindows() ? "TMP" : "TMPDIR"] = PathTo("file") };
        DotnetRun Run() => Dotnet.Run(folder, [typeof(Program).Assembly.Location, model, "--output", PathTo("out.onnx"), "--cache", "none"], environment);

        Run().Expect(0);
        Assert.IsTrue(File.Exists(PathTo("out.onnx")));

        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy.Replace("{ data: validation.npy, metric: cosine, min: 0.9 }", "{ metric: command, command: \"echo 1 {model}\", min: 0.9 }", StringComparison.Ordinal));
        StringAssert.Contains(Run().Expect(2).Text, "error CMP8001: ");
    }

    [TestMethod]
    public void The_verb_may_be_left_out_and_json_prints_nothing_but_the_report()
    {
        var model = TinyModel.Write(folder);

        var run = ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--json").Expect(0);

        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual("cosine", report.RootElement.GetProperty("metric").GetProperty("name").GetString());
        Assert.IsTrue(File.Exists(PathTo("net.compressed.onnx")));
    }

    [TestMethod]
    public void Models_and_data_may_be_symbolic_links_and_what_they_lead_to_counts_as_an_input()
    {
        var model = TinyModel.Write(PathTo("real"));
        File.Move(PathTo("real/samples.npy"), PathTo("real/samples.bin"));
        foreach (var (link, target) in new[] { ("net.onnx", "real/net.onnx"), ("samples.npy", "real/samples.bin"), ("validation.npy", "real/validation.npy"), ("compress.yaml", "real/compress.yaml") })
            File.CreateSymbolicLink(PathTo(link), target);

        var run = ToolRun.Of(PathTo("net.onnx"), "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--depends", PathTo("out.depends"), "--json").Expect(0);

        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual(new FileInfo(model).Length, report.RootElement.GetProperty("size").GetProperty("float").GetInt64());
        CollectionAssert.IsSubsetOf(new[] { PathTo("net.onnx"), model, PathTo("samples.npy"), PathTo("real/samples.bin") }, File.ReadAllLines(PathTo("out.depends")));
    }

    [TestMethod]
    public void Arguments_may_stand_in_a_file_one_a_line()
    {
        var model = TinyModel.Write(PathTo("it's é; \"x\""));
        File.WriteAllLines(PathTo("arguments.txt"), ["compress", model, "--policy", Path.Combine(Path.GetDirectoryName(model)!, "compress.yaml"), "--output", PathTo("a b.onnx")]);

        ToolRun.Of("@" + PathTo("arguments.txt")).Expect(0);

        Assert.IsTrue(File.Exists(PathTo("a b.onnx")));
    }

    [TestMethod]
    public void A_missed_gate_is_code_1_at_its_line_and_only_the_candidate_is_left()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("min: 0.9", "min: 1", StringComparison.Ordinal));

        var run = ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--work", PathTo("work")).Expect(1);

        StringAssert.StartsWith(run.Error, $"{PathTo("compress.yaml")}(5,");
        StringAssert.Contains(run.Error, "error CMP7001");
        Assert.IsFalse(File.Exists(PathTo("out.onnx")));
        Assert.AreEqual(1, Directory.GetFiles(PathTo("work"), "*.onnx").Length);
    }

    [TestMethod]
    public void A_policy_for_other_configurations_leaves_the_bytes_as_they_are()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("data: validation.npy", "data: images", StringComparison.Ordinal) + "    when: Release\n");
        File.Delete(PathTo("samples.npy"));
        Directory.CreateDirectory(PathTo("images"));

        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--depends", PathTo("out.depends"), "--configuration", "Debug").Expect(0);

        CollectionAssert.AreEqual(File.ReadAllBytes(model), File.ReadAllBytes(PathTo("out.onnx")));
        CollectionAssert.AreEqual(new[] { PathTo("compress.yaml"), model }, File.ReadAllLines(PathTo("out.depends")), "its data count for nothing");
    }

    [TestMethod]
    public void A_model_that_is_left_as_it_is_from_now_on_has_no_report_of_earlier_runs()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("min: 0.9", "min: 1", StringComparison.Ordinal));
        string[] arguments = [model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out/net.onnx"), "--report", PathTo("out/net.onnx.report.json"), "--work", PathTo("work"), "--configuration", "Debug"];
        ToolRun.Of(arguments).Expect(1);
        Directory.CreateDirectory(PathTo("out"));
        foreach (var companion in new[] { "json", "html" }) File.WriteAllText(PathTo($"out/net.onnx.report.{companion}"), "earlier");
        Assert.AreNotEqual(0, Directory.GetFiles(PathTo("work")).Length);

        File.AppendAllText(PathTo("compress.yaml"), "    when: Release\n");
        ToolRun.Of(arguments).Expect(0);

        CollectionAssert.AreEqual(new[] { PathTo("out/net.onnx") }, Directory.GetFiles(PathTo("out")));
        Assert.AreEqual(0, Directory.GetFiles(PathTo("work")).Length);
    }

    [TestMethod]
    public void The_dependency_file_names_all_that_was_read()
    {
        var model = TinyModel.Write(folder);

        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--depends", PathTo("out.depends")).Expect(0);

        CollectionAssert.IsSubsetOf(new[] { model, PathTo("compress.yaml"), PathTo("samples.npy"), PathTo("validation.npy") }, File.ReadAllLines(PathTo("out.depends")));
    }

    [TestMethod]
    public void What_is_edited_meanwhile_is_newer_than_the_result_and_a_lock_file_that_the_run_made_is_not()
    {
        var model = TinyModel.Write(folder);

        ToolRun.Of(() => File.AppendAllText(PathTo("compress.yaml"), "# edited\n"), Arguments("first")).Expect(0);
        Assert.IsGreaterThan(Written("first.onnx"), Written("compress.yaml"));

        File.Delete(PathTo("compress.lock.json"));
        ToolRun.Of(Arguments("second")).Expect(0);
        Assert.IsLessThanOrEqualTo(Written("second.onnx"), Written("compress.lock.json"));

        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy + "    seed: 2\n");
        ToolRun.Of(() => File.SetLastWriteTimeUtc(PathTo("compress.lock.json"), DateTime.UtcNow), Arguments("third")).Expect(0);
        Assert.IsGreaterThan(Written("third.onnx"), Written("compress.lock.json"), "checked out");

        string[] Arguments(string name) => [model, "--policy", PathTo("compress.yaml"), "--output", PathTo(name + ".onnx"), "--depends", PathTo(name + ".depends")];
        DateTime Written(string name) => File.GetLastWriteTimeUtc(PathTo(name));
    }

    [TestMethod]
    public void Configurations_with_policies_of_their_own_are_both_locked()
    {
        var entry = TinyModel.Policy[TinyModel.Policy.IndexOf("  - model", StringComparison.Ordinal)..];
        var model = TinyModel.Write(folder, $"{TinyModel.Policy}    when: Debug\n{entry}    seed: 2\n    when: Release\n");

        foreach (var configuration in new[] { "Debug", "Release" }) ToolRun.Of(Arguments(configuration)).Expect(0);
        foreach (var configuration in new[] { "Debug", "Release" }) ToolRun.Of([.. Arguments(configuration), "--locked"]).Expect(0);

        string[] Arguments(string configuration) => [model, "--policy", PathTo("compress.yaml"), "--output", PathTo($"{configuration}.onnx"), "--configuration", configuration];
    }

    [TestMethod]
    public void Folders_of_samples_count_as_inputs_with_those_inside_them_wherever_the_policy_names_them()
    {
        foreach (var name in new[] { "a/cats/deeper", "a/.git", "a/obj", "b", "c", "d" }) Directory.CreateDirectory(PathTo(name));
        File.WriteAllText(PathTo("a/app.csproj"), "");
        TinyModel.Write(folder, """
            version: 1
            models:
              - model: net.onnx
                calibration: { data: { x: a/, y: samples.npy } }
                accuracy: { data: { x: b/, z: c }, metric: cosine, min: 0.9 }
                train: { data: d }
            """);

        var folders = SampleFolders.Of(PolicyReader.Read(PathTo("compress.yaml")).Models[0]);

        CollectionAssert.AreEqual(new[] { PathTo("a/"), PathTo("a/cats/"), PathTo("b/"), PathTo("c/"), PathTo("d/") }, folders.Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void The_same_again_comes_from_the_cache_and_the_lock_file_stands_beside_the_policy()
    {
        var model = TinyModel.Write(folder);
        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("first.onnx"), "--cache", PathTo("cache")).Expect(0);

        var run = ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("second.onnx"), "--cache", PathTo("cache"), "--locked").Expect(0);

        StringAssert.Contains(run.Output, "found in the cache");
        CollectionAssert.AreEqual(File.ReadAllBytes(PathTo("first.onnx")), File.ReadAllBytes(PathTo("second.onnx")));
        Assert.IsTrue(File.Exists(PathTo("compress.lock.json")));
    }

    [TestMethod]
    public void Locked_without_a_lock_file_is_bad_input()
    {
        var model = TinyModel.Write(folder);

        StringAssert.Contains(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--locked").Expect(2).Error, "CMP8002");
        Assert.IsFalse(File.Exists(PathTo("out.onnx")));
    }

    [TestMethod]
    public void A_cancelled_run_is_code_130_and_leaves_nothing()
    {
        var model = TinyModel.Write(folder);

        ToolRun.Of(new CancellationToken(canceled: true), model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx")).Expect(130);

        Assert.IsFalse(File.Exists(PathTo("out.onnx")));
    }
}
