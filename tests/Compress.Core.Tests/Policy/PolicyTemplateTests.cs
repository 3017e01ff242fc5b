using System.Text.RegularExpressions;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>The policy that `init` writes is valid at once, and so is each of its comments when it is switched on.</summary>
[TestClass]
public sealed partial class PolicyTemplateTests
{
    private static readonly string[] Files = ["data/calibration.npz", "data/validation.npz", "data/train.npz"];

    private static readonly Dictionary<string, string> Found = new()
    {
        ["calibration.data"] = "data/calibration.npz",
        ["calibration.preprocess"] = "{ scale: 1/255, mean: 0.2860, std: 0.3530 }",
        ["accuracy.data"] = "data/validation.npz",
        ["accuracy.labels"] = "labels",
        ["accuracy.max-drop"] = "0.5",
    };

    [TestMethod]
    public void It_names_its_schema_on_the_first_line() =>
        Assert.AreEqual("# yaml-language-server: $schema=./compress.schema.json", PolicyTemplate.For("model.onnx").Split('\n')[0]);

    [TestMethod]
    public void With_nothing_known_it_is_valid_and_asks_for_the_model_alone()
    {
        using var folder = new PolicyFolder();

        var model = folder.Read(PolicyTemplate.For("model.onnx", notes: ["Input 'input': float32 [N, 1, 28, 28]"])).Models.Single();

        Assert.AreEqual(folder["model.onnx"], model.Model.Value);
        Assert.IsNull(model.Accuracy);
        Assert.IsNull(model.Calibration);
    }

    [TestMethod]
    public void What_is_known_is_active()
    {
        using var folder = new PolicyFolder(Files);

        var model = folder.Read(PolicyTemplate.For("model.onnx", Found)).Models.Single();

        Assert.AreEqual(folder["data/calibration.npz"], model.Calibration!.Data.Path);
        Assert.AreEqual(0.2860f, model.Calibration.Preprocess.Mean.Single());
        Assert.AreEqual((folder["data/validation.npz"], "labels", 0.5), (model.Accuracy!.Data!.Path, model.Accuracy.Labels, model.Accuracy.MaxDrop!.Value));
        Assert.IsNull(model.Budget);
    }

    [TestMethod]
    public void Every_comment_switched_on_is_valid_and_agrees_with_the_schema()
    {
        using var folder = new PolicyFolder(Files);
        var template = PolicyTemplate.For("model.onnx");

        var everything = Comment().Replace(template, "    ");

        var model = folder.Read(everything).Models.Single();
        Assert.IsNull(SchemaValidator.Complaint(PolicySchema.Json(), everything));
        Assert.AreEqual((10.0, 0.25, 5.0), (model.Budget!.Size!.Value, model.Prune.Ratio, model.Train!.Epochs));
    }

    [TestMethod]
    public void No_line_is_longer_than_a_screen_is_wide()
    {
        foreach (var line in PolicyTemplate.For("model.onnx", Found).Split('\n')) Assert.IsLessThanOrEqualTo(180, line.Length, line);
    }

    [TestMethod]
    [DataRow("models/resnet20.onnx")]
    [DataRow("my models/größe #1: \"final\".onnx")]
    [DataRow("*.onnx")]
    [DataRow("20.onnx")]
    [DataRow("a\\b.onnx")]
    public void Any_path_survives(string path)
    {
        using var folder = new PolicyFolder(path.Replace('\\', '/'));
        Assert.AreEqual(folder[path.Replace('\\', '/')], folder.Read(PolicyTemplate.For(path)).Models.First().Model.Value);
    }

    [GeneratedRegex("^    # (?=[ a-z])", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
