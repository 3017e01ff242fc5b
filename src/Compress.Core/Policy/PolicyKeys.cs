using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>
/// The table of keys: the one source of what a policy may hold. The reader, the suggestions for misspelt names, the JSON schema,
/// the policy that `init` writes and docs/policy.md all come from here and from <see cref="SectionKeys"/>: a new key is a new row.
/// </summary>
internal static class PolicyKeys
{
    public static readonly Choice<Method> Methods = new(
        ("auto", Method.Auto), ("layerwise", Method.Layerwise), ("pic-pq", Method.PicPq), ("ajpq", Method.Ajpq), ("ajpq-ddpg", Method.AjpqDdpg), ("qap", Method.Qap), ("fit", Method.Fit), ("djpq", Method.Djpq));

    public static readonly Choice<Target> Targets = new(
        ("onnxruntime", Target.OnnxRuntime), ("onnxruntime-plain", Target.OnnxRuntimePlain), ("weight-only", Target.WeightOnly), ("qonnx", Target.Qonnx));

    public static readonly Section<ModelPolicy> Model = new Section<ModelPolicy>("model", "a model", at => new() { Model = new("", at) })
        .Key("model", new ModelFiles(), "The ONNX file, relative to this policy; a pattern (* and **) is one entry a file, save those that other entries name.",
            (m, v) => m with { Model = new(v.Value[0], v.Location) }, presence: Presence.Required)
        .Key("method", Methods, "The system that decides on channels and bits.",
            (m, v) => m with { Method = v }, "auto", "auto")
        .Key("target", Targets, "What the result must run on.",
            (m, v) => m with { Target = v.Value }, "onnxruntime", "onnxruntime")
        .Key("calibration", SectionKeys.Calibration.Or(("none", null)), "Typical inputs, without labels: activation ranges and rounding are learned from them.",
            (m, v) => m with { Calibration = v.Value })
        .Key("accuracy", SectionKeys.Accuracy.Or(("none", null)), "The gate: what is measured on the float and the compressed model, and how much may be lost.",
            (m, v) => m with { Accuracy = v.Value })
        .Key("budget", SectionKeys.Budget.Or(("none", null)), "How small and how fast it must become. Without a budget: as far as the gate permits.",
            (m, v) => m with { Budget = v.Value })
        .Key("quantize", SectionKeys.Quantize.Or(("none", new() { Enabled = false }), ("auto", new())), "Bit-widths.",
            (m, v) => m with { Quantize = v.Value! }, "auto")
        .Key("prune", SectionKeys.Prune.Or(("none", new() { Enabled = false }), ("auto", new())), "Removal of channels.",
            (m, v) => m with { Prune = v.Value! }, "auto, when the method or a budget asks for it")
        .Key("pic-pq", SectionKeys.PicPq, "How 'method: pic-pq' gives bits; other methods ignore it.",
            (m, v) => m with { PicPq = v.Value })
        .Key("qap", SectionKeys.Qap, "How 'method: qap' learns its noise with 'train'; ignored elsewhere.",
            (m, v) => m with { Qap = v.Value })
        .Key("layers", new ListOf<LayerRule>(SectionKeys.Layer, unique: false, single: false), "Rules for single layers; of the rules that match a layer, the first holds.",
            (m, v) => m with { Layers = v.Value }, example: "[{ position: first, weights: 8, prune: false }]")
        .Key("output", new RelativePath(), "Path in the application's output folder.",
            (m, v) => m with { Output = v.Value }, "the same as the input's", "models/model.onnx")
        .Key("reconstruct", new OrWord<int>(new Whole(0, 100_000), "none", 0), "Passes over the calibration data that bring blocks near the float model's.",
            (m, v) => m with { Reconstruct = v.Value }, "'auto' under a budget: 30 or fewer", "30")
        .Key("train", SectionKeys.Train.Or(("none", null)), "Training after the compression. Without it nothing is trained.",
            (m, v) => m with { Train = v.Value })
        .Key("seed", new Whole(0, int.MaxValue), "Seed of everything random; the same seed gives the same bytes.",
            (m, v) => m with { Seed = v.Value }, "1", "1")
        .Key("runtime", new ExistingFile(), "The native ONNX Runtime library that the application ships; the gate runs on it.",
            (m, v) => m with { Runtime = v }, "the tool's own")
        .Key("provider", new Choice<Provider>(("cpu", Provider.Cpu), ("cuda", Provider.Cuda), ("tensorrt", Provider.TensorRT), ("directml", Provider.DirectML), ("openvino", Provider.OpenVino), ("coreml", Provider.CoreML), ("xnnpack", Provider.Xnnpack)), "What of 'runtime' the gate uses. Tested: cpu.",
            (m, v) => m with { Provider = v.Value }, "cpu", "cuda")
        .Key("when", new ListOf<string>(new Text()), "Build configurations in which the model is compressed; in others the float model is shipped.",
            (m, v) => m with { When = v.Value }, "all", "Release");

    public static readonly Section<ModelPolicy> Defaults = Model.Without("defaults", "'defaults'", "model", "output");

    public static readonly Section<PolicyParts> Root = new Section<PolicyParts>("policy", "the policy", _ => new(null, null))
        .Key("version", new Whole(1, 1), "Version of this format.", (p, _) => p, presence: Presence.Required)
        .Key("defaults", new Unread<ModelPolicy>(Defaults), "What holds for every model that does not say otherwise.",
            (p, v) => p with { Defaults = (YamlMap)v.Value })
        .Key("models", new Unread<IReadOnlyList<ModelPolicy>>(new ListOf<ModelPolicy>(Model, unique: false, single: false)), "The models, one entry each.",
            (p, v) => p with { Models = (YamlList)v.Value });

    /// <summary>What may have been meant by an unknown key: a near name, or the section that the name belongs to.</summary>
    public static string Hint(string name, IEnumerable<Key> keys)
    {
        var names = keys.Select(k => k.Name).ToList();
        if (Nearest.To(name, names) is { } near) return $"Did you mean '{near}'?";
        var homes = Homes(name, Root).Distinct().ToList();
        return homes.Count > 0 ? $"It belongs to {string.Join(" or ", homes)}." : Nearest.Hint(name, names);
    }

    private static IEnumerable<string> Homes(string name, Kind kind) =>
        kind.Keys.SelectMany(k => (k.Kind.Keys.Any(inner => inner.Name == name) ? [$"'{k.Name}'"] : Array.Empty<string>()).Concat(Homes(name, k.Kind)));
}

/// <summary>The parts of a policy file whose keys are valid, before `defaults` are merged.</summary>
internal sealed record PolicyParts(YamlMap? Defaults, YamlList? Models);
