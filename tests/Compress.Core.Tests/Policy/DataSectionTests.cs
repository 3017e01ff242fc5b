using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Every form of the sections that name data: calibration and the gate.</summary>
[TestClass]
public sealed class DataSectionTests
{
    [TestMethod]
    public void Preprocessing_has_all_its_steps()
    {
        using var folder = new PolicyFolder();

        var steps = folder.ReadModel("""
            calibration:
              data: data.npz
              range: min-max
              preprocess: { scale: 1/255, mean: 0.5, std: [1, 2e-1, .5], layout: nhwc, resize: 224, inputs: image }
            """).Calibration!;

        Assert.AreEqual(RangeMethod.MinMax, steps.Range);
        CollectionAssert.AreEqual(new[] { 0.5f }, steps.Preprocess.Mean.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, 0.2f, 0.5f }, steps.Preprocess.Std.ToArray());
        Assert.AreEqual(Layout.Nhwc, steps.Preprocess.Layout);
        Assert.AreEqual((224, 224), steps.Preprocess.Resize);
        CollectionAssert.AreEqual(new[] { "image" }, steps.Preprocess.Inputs.ToArray());
    }

    [TestMethod]
    public void Data_may_name_an_array_for_each_input()
    {
        using var folder = new PolicyFolder("ids.npz", "mask.npy");

        var data = folder.ReadModel("calibration:\n  data:\n    input_ids: ids.npz:ids\n    mask: mask.npy").Calibration!.Data;

        Assert.IsNull(data.Path);
        Assert.AreEqual(folder["ids.npz"] + ":ids", data.Inputs["input_ids"].Value);
        Assert.AreEqual((6, 20), (data.Inputs["input_ids"].Location.Line, data.Inputs["input_ids"].Location.Column));
        Assert.AreEqual((folder["ids.npz"], "ids"), DataSource.SplitArray(data.Inputs["input_ids"].Value));
        Assert.AreEqual((folder["mask.npy"], null), DataSource.SplitArray(data.Inputs["mask"].Value));
    }

    [TestMethod]
    public void Data_may_be_a_folder()
    {
        using var folder = new PolicyFolder("sets/test_data_set_0/input_0.pb");
        Assert.AreEqual(folder["sets"], folder.ReadModel("calibration: { data: sets }").Calibration!.Data.Path);
    }

    [TestMethod]
    public void The_gate_has_all_its_keys()
    {
        using var folder = new PolicyFolder();

        var gate = folder.ReadModel("""
            accuracy:
              data: data.npz
              labels: target
              metric: psnr
              samples: 100
              max-drop: 0.1
              min: 23
              on-miss: warning
              preprocess: { scale: 0.5 }
              output: image
              target-scale: 1/255
            """).Accuracy!;

        Assert.AreEqual(("target", MetricKind.Psnr, 100), (gate.Labels, gate.Metric, gate.Samples));
        Assert.AreEqual((0.1, 23.0, OnMiss.Warning), (gate.MaxDrop!.Value, gate.Min!.Value, gate.OnMiss));
        Assert.AreEqual((0.5f, "image", (float)(1 / 255.0)), (gate.Preprocess!.Scale, gate.Output, gate.TargetScale));
    }

    [TestMethod]
    public void The_gate_may_be_a_program()
    {
        using var folder = new PolicyFolder();

        var gate = folder.ReadModel("""
            accuracy:
              metric: command
              command: dotnet run --project eval -- {model}
              min: -152
              timeout: 90s
              higher-is-better: false
            """).Accuracy!;

        Assert.AreEqual(("dotnet run --project eval -- {model}", -152.0), (gate.Command, gate.Min!.Value));
        Assert.AreEqual((TimeSpan.FromSeconds(90), false), (gate.CommandTimeout, gate.HigherIsBetter));
        Assert.IsNull(gate.Data);
    }
}
