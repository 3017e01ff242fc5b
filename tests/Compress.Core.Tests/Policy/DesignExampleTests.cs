using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>The policy that the documentation shows works as written.</summary>
[TestClass]
public sealed class DesignExampleTests
{
    private const string Example = """
        # compress.yaml, next to the project
        version: 1
        models:
          - model: models/resnet20.onnx
            method: auto                     # auto | layerwise | pic-pq | ajpq | qap
            target: onnxruntime              # what the result must run on, see section 5
            calibration:
              data: data/calibration.npz     # npz, npy, idx(.gz), image folder, csv, ONNX test_data_set_* folder
              samples: 512
              preprocess: { scale: 1/255, mean: [0.2860], std: [0.3530] }
            accuracy:                        # the gate
              data: data/validation.npz
              labels: labels
              metric: top1                   # top1 top5 mse psnr cosine kl agreement iou command
              max-drop: 0.5                  # points of the metric, against the float model
              on-miss: error                 # error | warning
            budget: { size: 10x }            # any of size, bops, macs, latency, memory: a factor or an absolute value
        """;

    private const string OtherKeys = """

            quantize: { weights: 4, activations: 8 }   # or none, or lists to choose from: { weights: [2, 3, 4, 6, 8], activations: [4, 8] }; without it: auto
            prune: { ratio: 0.25, keep-multiple-of: 8 } # or none; without it: auto when the method or a budget asks for it
            layers:                                     # first match wins
              - { match: "stem*", weights: 8, prune: false }
              - { match: "*", type: Softmax, keep: float }
            output: models/resnet20.onnx                # path in the application's output; default: the same as the input's
            train: { data: data/train.npz, labels: labels, epochs: 5, distill: true }
            seed: 1
            runtime: path/to/libonnxruntime.so          # the native library that the gate runs on
        """;

    private static readonly string[] Files =
        ["models/resnet20.onnx", "data/calibration.npz", "data/validation.npz", "data/train.npz", "path/to/libonnxruntime.so"];

    [TestMethod]
    public void The_first_example_reads_as_written()
    {
        using var folder = new PolicyFolder(Files);

        var model = folder.Read(Example).Models.Single();

        Assert.AreEqual(folder["models/resnet20.onnx"], model.Model.Value);
        Assert.AreEqual((4, 12), (model.Model.Location.Line, model.Model.Location.Column));
        Assert.AreEqual(Method.Auto, model.Method.Value);
        Assert.AreEqual(Target.OnnxRuntime, model.Target);
        Assert.AreEqual(folder["data/calibration.npz"], model.Calibration!.Data.Path);
        Assert.AreEqual(512, model.Calibration.Samples);
        Assert.AreEqual((float)(1 / 255.0), model.Calibration.Preprocess.Scale);
        CollectionAssert.AreEqual(new[] { 0.2860f }, model.Calibration.Preprocess.Mean.ToArray());
        CollectionAssert.AreEqual(new[] { 0.3530f }, model.Calibration.Preprocess.Std.ToArray());
        Assert.AreEqual(folder["data/validation.npz"], model.Accuracy!.Data!.Path);
        Assert.AreEqual("labels", model.Accuracy.Labels);
        Assert.AreEqual(MetricKind.Top1, model.Accuracy.Metric);
        Assert.AreEqual(0.5, model.Accuracy.MaxDrop!.Value);
        Assert.AreEqual((15, 17), (model.Accuracy.MaxDrop.Location.Line, model.Accuracy.MaxDrop.Location.Column));
        Assert.AreEqual(OnMiss.Error, model.Accuracy.OnMiss);
        Assert.AreEqual((10.0, true), (model.Budget!.Size!.Value, model.Budget.Size.IsFactor));
        Assert.IsNull(model.Budget.Bops);
    }

    [TestMethod]
    public void The_other_keys_read_as_written()
    {
        using var folder = new PolicyFolder(Files);

        var model = folder.Read(Example + OtherKeys).Models.Single();

        CollectionAssert.AreEqual(new[] { 4 }, model.Quantize.Weights.ToArray());
        CollectionAssert.AreEqual(new[] { 8 }, model.Quantize.Activations.ToArray());
        Assert.AreEqual(new PrunePolicy { Enabled = true, Ratio = 0.25, KeepMultipleOf = 8 }, model.Prune);
        Assert.AreEqual(new LayerRule(model.Layers[0].Location) { Match = "stem*", Weights = 8, Prune = false }, model.Layers[0]);
        Assert.AreEqual(new LayerRule(model.Layers[1].Location) { Type = "Softmax", KeepFloat = true }, model.Layers[1]);
        Assert.AreEqual("models/resnet20.onnx", model.Output);
        Assert.AreEqual(folder["data/train.npz"], model.Train!.Data.Path);
        Assert.AreEqual(("labels", 5.0, true), (model.Train.Labels, model.Train.Epochs, model.Train.Distill));
        Assert.AreEqual(1, model.Seed);
        Assert.AreEqual(folder["path/to/libonnxruntime.so"], model.Runtime!.Value);
    }

    [TestMethod]
    public void A_policy_without_a_budget_is_complete()
    {
        using var folder = new PolicyFolder(Files);

        var model = folder.Read(Example[..Example.IndexOf("    budget", StringComparison.Ordinal)]).Models.Single();

        Assert.IsNull(model.Budget);
        Assert.IsTrue(model.Quantize.Enabled);
        Assert.IsNull(model.Prune.Enabled);
        Assert.IsEmpty(model.When);
    }
}
