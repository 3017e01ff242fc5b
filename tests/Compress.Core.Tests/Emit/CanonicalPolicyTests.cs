using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Policy;

namespace Compress.Core.Tests.Emit;

/// <summary>The canonical policy is the same wherever the project lies, and differs with whatever a plan depends on.</summary>
[TestClass]
public sealed class CanonicalPolicyTests
{
    [TestMethod]
    public void It_is_the_same_in_another_folder_and_at_other_lines() =>
        Assert.AreEqual(Text(Policy(Folder("one"), line: 3), Folder("one")), Text(Policy(Folder("two"), line: 30), Folder("two")));

    [TestMethod]
    public void It_holds_values_and_no_positions()
    {
        var form = CanonicalPolicy.Of(Policy(Folder("one"), 3), Folder("one"));
        Assert.AreEqual("models/a.onnx", form["model"]!.GetValue<string>());
        Assert.AreEqual("data/c.npz", form["calibration"]!["data"]!["path"]!.GetValue<string>());
        Assert.AreEqual("data/v.npz:images", form["accuracy"]!["data"]!["inputs"]!["x"]!.GetValue<string>());
        Assert.AreEqual(10.0, form["budget"]!["size"]!["value"]!.GetValue<double>());
        Assert.AreEqual("/layer1/*", form["layers"]![0]!["match"]!.GetValue<string>());
        Assert.IsFalse(form.ToJsonString().Contains("ocation"));
    }

    [TestMethod]
    public void It_changes_with_the_plan_and_not_with_what_only_the_build_sees()
    {
        var policy = Policy(Folder("one"), 3);
        var text = Text(policy, Folder("one"));
        ModelPolicy[] different =
        [
            policy with { Seed = 2 },
            policy with { Method = new(Method.Qap, new("")) },
            policy with { Quantize = new() { Weights = [4] } },
            policy with { Calibration = policy.Calibration! with { Preprocess = new() { Scale = 1 / 255f } } },
            policy with { Calibration = policy.Calibration! with { Preprocess = new() { Resize = (32, 16) } } },
            policy with { Layers = [] },
            policy with { Accuracy = policy.Accuracy! with { Output = "auxiliary" } },
        ];
        Assert.AreEqual(different.Length + 1, different.Select(other => Text(other, Folder("one"))).Append(text).Distinct().Count());
        Assert.AreEqual(text, Text(policy with { When = ["Release"] }, Folder("one")));
    }

    private static ModelPolicy Policy(string folder, int line)
    {
        var at = new SourceLocation(Path.Combine(folder, "compress.yaml"), line, 5);
        return new()
        {
            Model = new(Path.Combine(folder, "models", "a.onnx"), at),
            Calibration = new() { Data = new(at, Path.Combine(folder, "data", "c.npz"), new Dictionary<string, At<string>>()) },
            Accuracy = new() { Location = at, Data = new(at, null, new Dictionary<string, At<string>> { ["x"] = new(Path.Combine(folder, "data", "v.npz:images"), at) }), MaxDrop = new(0.5, at) },
            Locations = new Dictionary<string, SourceLocation> { [$"key{line}"] = at },
            Budget = new() { Location = at, Size = new Bound(10, true, at) },
            Layers = [new LayerRule(at) { Match = "/layer1/*", Weights = 8 }],
        };
    }

    private static string Folder(string name) => Path.GetFullPath(Path.Combine(Path.GetTempPath(), name));

    private static string Text(ModelPolicy policy, string folder) => CanonicalPolicy.Of(policy, folder).ToJsonString();
}
