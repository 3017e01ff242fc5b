using System.Text.Json;
using Compress.Testing;

namespace Compress.Tool.Tests;

/// <summary>A policy of several models: each has its own place and its own errors.</summary>
[TestClass]
public sealed class SeveralModelsTests
{
    private readonly string folder = TempRoot.NewFolder("several");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    public void Without_a_model_every_model_of_the_policy_is_compressed()
    {
        var model = TinyModel.Write(folder);
        File.Copy(model, PathTo("second.onnx"));
        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy + TinyModel.Policy[TinyModel.Policy.IndexOf("  - model", StringComparison.Ordinal)..].Replace("net.onnx", "second.onnx", StringComparison.Ordinal));

        ToolRun.Of("--policy", PathTo("compress.yaml"), "--output", PathTo("out/")).Expect(0);

        Assert.IsTrue(File.Exists(PathTo("out/net.onnx")) && File.Exists(PathTo("out/second.onnx")));
    }

    [TestMethod]
    public void Several_models_keep_their_folders_their_reports_and_are_one_array()
    {
        TinyModel.Write(PathTo("a"));
        TinyModel.Write(PathTo("b"));
        File.WriteAllText(PathTo("compress.yaml"), "version: 1\ndefaults:\n  calibration: { data: a/samples.npy }\n  quantize: { weights: 8 }\nmodels:\n  - model: a/net.onnx\n  - model: b/net.onnx\n");

        var run = ToolRun.Of("--policy", PathTo("compress.yaml"), "--output", PathTo("out"), "--report", PathTo("reports"), "--json").Expect(0);

        using var reports = JsonDocument.Parse(run.Output);
        Assert.AreEqual(2, reports.RootElement.GetArrayLength());
        foreach (var file in new[] { "out/a/net.onnx", "out/b/net.onnx", "reports/a/net.report.json", "reports/b/net.report.json" }) Assert.IsTrue(File.Exists(PathTo(file)), file);
    }

    [TestMethod]
    public void A_model_that_fails_keeps_no_other_from_being_compressed_and_told_of()
    {
        File.WriteAllText(TinyModel.Write(PathTo("a")), "no model");
        TinyModel.Write(PathTo("b"));
        File.WriteAllText(PathTo("compress.yaml"), "version: 1\ndefaults:\n  calibration: { data: a/samples.npy }\n  quantize: { weights: 8 }\nmodels:\n  - model: a/net.onnx\n  - model: b/net.onnx\n");

        var run = ToolRun.Of("--policy", PathTo("compress.yaml"), "--output", PathTo("out"), "--json").Expect(2);

        StringAssert.Contains(run.Error, "CMP2");
        Assert.IsTrue(File.Exists(PathTo("out/b/net.onnx")));
        Assert.AreEqual(1, JsonDocument.Parse(run.Output).RootElement.GetArrayLength());
    }

    [TestMethod]
    public void Missing_data_of_one_model_keep_no_other_from_being_compressed()
    {
        var model = TinyModel.Write(folder);
        File.Copy(model, PathTo("second.onnx"));
        File.WriteAllText(PathTo("compress.yaml"), TinyModel.Policy + "  - model: second.onnx\n    calibration: { data: nowhere.npz }\n  - model: more/*.onnx\n");

        var run = ToolRun.Of("--policy", PathTo("compress.yaml"), "--output", PathTo("out")).Expect(2);

        StringAssert.Contains(run.Error, "(8,26): error CMP1020: ");
        StringAssert.Contains(run.Error, "(9,12): error CMP1021: 'model' has the pattern 'more/*.onnx'");
        Assert.IsTrue(File.Exists(PathTo("out/net.onnx")));
        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx")).Expect(0);
    }

    [TestMethod]
    public void Two_models_that_would_land_at_one_place_are_an_error()
    {
        TinyModel.Write(PathTo("a"));
        TinyModel.Write(PathTo("b"));
        Directory.CreateDirectory(PathTo("policies"));
        File.WriteAllText(PathTo("policies/compress.yaml"), "version: 1\nmodels:\n  - model: ../a/net.onnx\n  - model: ../b/net.onnx\n");

        StringAssert.Contains(ToolRun.Of("--policy", PathTo("policies/compress.yaml"), "--output", PathTo("out")).Expect(2).Error, "(4,12): error CMP1023: ");
        Assert.IsFalse(Directory.Exists(PathTo("out")));

        // Beside the models they do not, but their reports do.
        StringAssert.Contains(ToolRun.Of("--policy", PathTo("policies/compress.yaml"), "--report", PathTo("reports")).Expect(2).Error, "(4,12): error CMP1023: ");
        Assert.IsFalse(Directory.Exists(PathTo("reports")));
    }

    [TestMethod]
    public void Models_of_one_name_have_a_place_each_for_their_candidates()
    {
        TinyModel.Write(PathTo("a"), TinyModel.Policy);
        TinyModel.Write(PathTo("b"), TinyModel.Policy);
        string Entry(string name, string min) => TinyModel.Policy[TinyModel.Policy.IndexOf("  - ", StringComparison.Ordinal)..]
            .Replace("net.onnx", $"{name}/net.onnx", StringComparison.Ordinal).Replace("samples.npy", $"{name}/samples.npy", StringComparison.Ordinal).Replace("validation.npy", $"{name}/validation.npy", StringComparison.Ordinal)
            .Replace("min: 0.9", $"min: {min}", StringComparison.Ordinal);
        File.WriteAllText(PathTo("compress.yaml"), "version: 1\nmodels:\n" + Entry("a", "1") + Entry("b", "0.9"));

        var run = ToolRun.Of("--policy", PathTo("compress.yaml"), "--output", PathTo("out"), "--work", PathTo("work")).Expect(1);

        StringAssert.Contains(run.Error, PathTo(Path.Combine("work", "a", "net.onnx", "net.candidate.onnx")));
        Assert.IsTrue(File.Exists(PathTo("work/a/net.onnx/net.candidate.onnx")));
        Assert.IsTrue(File.Exists(PathTo("out/b/net.onnx")));
    }
}
