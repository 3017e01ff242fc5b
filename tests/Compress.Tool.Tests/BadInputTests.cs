using Compress.Testing;

namespace Compress.Tool.Tests;

[TestClass]
public sealed class BadInputTests
{
    private readonly string folder = TempRoot.NewFolder("bad");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    [DataRow("--polic")]
    [DataRow("net.onnx", "--threads", "many")]
    [DataRow("net.onnx", "other.onnx")]
    [DataRow("@missing.txt")]
    [DataRow("compress", "--output")]
    [DataRow("net.onnx", "--threads", "0")]
    [DataRow("net.onnx", "--threads", "-1")]
    [DataRow("net.onnx", "--threads", "100000")]
    [DataRow("net.onnx", "--minutes", "71583")]
    [DataRow("net.onnx", "--minutes", "5min")]
    [DataRow("search", "net.onnx", "--pareto", "f.json", "--factors", "four")]
    [DataRow("search", "net.onnx", "--pareto", "f.json", "--by", "sise")]
    [DataRow("inspct", "net.onnx")]
    [DataRow("help")]
    public void Wrong_arguments_are_one_line_and_code_2(params string[] arguments)
    {
        var run = ToolRun.Of(arguments).Expect(2);

        StringAssert.StartsWith(run.Error, "compress: error CMP0003: ");
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
    }

    [TestMethod]
    public void A_mistake_in_the_policy_is_one_line_at_its_place()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("quantize", "quantise", StringComparison.Ordinal));

        var run = ToolRun.Of(model, "--policy", PathTo("compress.yaml")).Expect(2);

        StringAssert.StartsWith(run.Error, $"{PathTo("compress.yaml")}(6,5): error CMP1");
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
        CollectionAssert.AreEquivalent(new[] { "net.onnx", "samples.npy", "validation.npy", "compress.yaml" }, Directory.GetFiles(folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_misspelt_verb_is_told_the_one_that_was_meant() => StringAssert.Contains(ToolRun.Of("inspct", "net.onnx").Expect(2).Error, "'inspect'");

    [TestMethod]
    public void A_missing_file_of_arguments_is_what_the_error_names() => StringAssert.Contains(ToolRun.Of("@missing.txt").Expect(2).Error, "'missing.txt'");

    [TestMethod]
    public void A_policy_that_leaves_no_model_is_an_error()
    {
        TinyModel.Write(folder, TinyModel.Policy + "    when: Release\n");

        StringAssert.Contains(ToolRun.Of("--policy", PathTo("compress.yaml"), "--configuration", "Debug").Expect(2).Error, "error CMP0009: The policy compresses no model for 'Debug'");
    }

    [TestMethod]
    public void A_library_that_is_no_ONNX_Runtime_is_an_error_at_its_line()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy + "    runtime: net.onnx\n");

        StringAssert.StartsWith(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--cache", "none").Expect(2).Error, $"{PathTo("compress.yaml")}(7,14): error CMP0011: ");
        Assert.IsFalse(File.Exists(PathTo("net.compressed.onnx")));
    }

    [TestMethod]
    public void A_program_that_compresses_the_model_that_it_is_to_measure_does_not_wait_for_its_own_end()
    {
        var tool = Repository.Built("Compress.Tool", "Compress.Tool.dll");
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("data: validation.npy, metric: cosine, min: 0.9", $"metric: command, timeout: 30s, min: 0, command: 'dotnet exec \"{tool}\" net.onnx --output {{model}}.small.onnx'", StringComparison.Ordinal));

        StringAssert.StartsWith(ToolRun.Of(model, "--policy", PathTo("compress.yaml")).Expect(2).Error, $"{PathTo("compress.yaml")}(5,5): error CMP7014: ");
    }

    [TestMethod]
    public void A_bug_is_one_line_and_code_3()
    {
        var run = ToolRun.Crashing().Expect(3);

        Assert.AreEqual("compress: error CMP9001: Internal error: InvalidOperationException: the writer broke. Please report it with the policy and the model; --verbose prints the details.", run.Error.TrimEnd());
    }

    [TestMethod]
    public void An_output_that_can_not_be_written_is_no_bug()
    {
        StringAssert.StartsWith(ToolRun.OnFullDisk().Expect(2).Error, "standard output: error CMP8001: The file can't be written: No space left on device.");
    }

    [TestMethod]
    public void A_file_that_is_read_is_known_by_another_name_and_inside_a_folder_of_data()
    {
        if (OperatingSystem.IsWindows()) return; // links need a privilege there
        var model = TinyModel.Write(folder);
        Directory.CreateDirectory(PathTo("samples"));
        File.Move(PathTo("samples.npy"), PathTo("samples/input.npy"));
        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy.Replace("samples.npy", "samples", StringComparison.Ordinal));
        Directory.CreateSymbolicLink(PathTo("link"), folder);
        var (before, sample) = (File.ReadAllBytes(model), File.ReadAllBytes(PathTo("samples/input.npy")));

        foreach (var place in new[] { "link/net.onnx", "samples/input.npy" })
            StringAssert.Contains(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo(place)).Expect(2).Error, "error CMP0005: ");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));
        CollectionAssert.AreEqual(sample, File.ReadAllBytes(PathTo("samples/input.npy")));
    }

    [TestMethod]
    public void Results_do_not_overwrite_each_other_nor_a_front_its_data()
    {
        var model = TinyModel.Write(folder);
        File.Move(PathTo("validation.npy"), PathTo("validation.csv"));
        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy.Replace("validation.npy", "validation.csv", StringComparison.Ordinal));

        StringAssert.Contains(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("a.onnx"), "--report", PathTo("a.onnx")).Expect(2).Error, "CMP0005: A result would overwrite another one.");
        StringAssert.Contains(ToolRun.Of("init", model, "--policy", model, "--force").Expect(2).Error, "CMP0005: A result would overwrite the model.");
        StringAssert.Contains(ToolRun.Of("search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("validation.json")).Expect(2).Error, "CMP0005: A result would overwrite what is read. Choose another place for it.");
    }

    [TestMethod]
    [DataRow("--output", "net.onnx", DisplayName = "the model by the result")]
    [DataRow("--report", "net.onnx", DisplayName = "the model by the report")]
    [DataRow("--output", "compress.yaml", DisplayName = "the policy")]
    [DataRow("--output", "compress.lock.json", DisplayName = "the lock file")]
    [DataRow("--output", "samples.npy", DisplayName = "data")]
    [DataRow("--output", "other.onnx", DisplayName = "another model of the policy")]
    [DataRow("--output", "sub/other.onnx", DisplayName = "one by the candidate")]
    public void Nothing_that_is_read_is_overwritten(string option, string place)
    {
        var model = TinyModel.Write(folder);
        File.Copy(model, PathTo("other.onnx"));
        Directory.CreateDirectory(PathTo("sub"));
        File.Copy(model, PathTo("sub/other.candidate.onnx"));
        File.AppendAllText(PathTo("compress.yaml"), "  - model: other.onnx\n  - model: sub/other.candidate.onnx\n");
        var before = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);

        StringAssert.Contains(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), option, PathTo(place)).Expect(2).Error, "error CMP0005: A result would overwrite ");

        CollectionAssert.AreEquivalent(before.Keys, Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        foreach (var (file, text) in before) Assert.AreEqual(text, File.ReadAllText(file));
    }
}
