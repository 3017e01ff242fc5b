using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Files that a policy names are needed by the entry that holds, and by no other.</summary>
[TestClass]
public sealed class MissingFilesTests
{
    [TestMethod]
    public void An_entry_needs_its_data_where_its_model_is_compressed_only()
    {
        using var folder = new PolicyFolder();
        var policy = folder.Read("version: 1\nmodels:\n  - model: model.onnx\n    when: Release\n    runtime: no/ort.so\n    calibration: { data: { input: nowhere.npz } }\n");

        Assert.AreEqual(folder["nowhere.npz"], policy.For(folder["model.onnx"], "Debug").Calibration!.Data.Inputs["input"].Value);
        Assert.AreEqual("CMP1020 at 5:14", Mistake(() => policy.For(folder["model.onnx"], "Release")));
        Assert.AreEqual("CMP1020 at 5:14", Mistake(() => policy.For(folder["model.onnx"])));
    }

    [TestMethod]
    public void What_others_miss_keeps_no_model_from_being_compressed()
    {
        using var folder = new PolicyFolder("b.onnx");
        var policy = folder.Read("""
            version: 1
            defaults: { calibration: { data: nowhere.npz } }
            models:
              - { model: model.onnx, calibration: { data: data.npz } }
              - model: b.onnx
              - { model: c.onnx, calibration: none }
              - { model: more/*.onnx, calibration: none }
            """);

        Assert.AreEqual(folder["data.npz"], policy.For(folder["model.onnx"]).Calibration!.Data.Path);
        Assert.AreEqual("CMP1020 at 2:34", Mistake(() => policy.For(folder["b.onnx"])));
        Assert.AreEqual("CMP1020 at 6:14", Mistake(() => policy.For(folder["c.onnx"])));
        Assert.AreEqual("CMP1021 at 7:14", Mistake(() => policy.Models[^1].CheckFiles(null)));
    }

    [TestMethod]
    public void A_model_is_needed_where_it_is_not_compressed_too()
    {
        using var folder = new PolicyFolder();
        var policy = folder.Read("version: 1\nmodels: [{ calibration: { data: nowhere.npz }, model: c.onnx, when: Release }]");

        Assert.AreEqual("CMP1020 at 2:55", Mistake(() => policy.For(folder["c.onnx"], "Debug")));
    }

    [TestMethod]
    public void Defaults_hold_for_no_model_that_an_entry_may_be_meant_for()
    {
        using var folder = new PolicyFolder();
        var policy = folder.Read("version: 1\ndefaults: { seed: 7 }\nmodels: [{ model: modle.onnx, when: Release }]");

        Assert.AreEqual("CMP1020 at 3:19", Mistake(() => policy.For(folder["model.onnx"], "Release")));
        Assert.AreEqual(7, policy.For(folder["model.onnx"], "Debug").Seed);
    }

    private static string Mistake(Action action)
    {
        var diagnostic = Assert.ThrowsExactly<CompressionException>(action).Diagnostic;
        return $"{diagnostic.Code} at {diagnostic.Location!.Line}:{diagnostic.Location.Column}";
    }
}
