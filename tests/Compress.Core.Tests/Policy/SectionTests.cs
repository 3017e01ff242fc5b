using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Every form that the keys of a section can take.</summary>
[TestClass]
public sealed class SectionTests
{
    [TestMethod]
    public void Nothing_but_a_model_means_the_defaults()
    {
        using var folder = new PolicyFolder();

        var model = folder.Read("version: 1\nmodels: [{ model: model.onnx }]").Models.Single();

        Assert.AreEqual(new ModelPolicy { Model = model.Model, Method = model.Method, Locations = model.Locations, Missing = model.Missing, Layers = model.Layers, Quantize = model.Quantize }, model);
        Assert.AreEqual(Method.Auto, model.Method.Value);
        Assert.IsEmpty(model.Quantize.Weights);
    }

    [TestMethod]
    [DataRow("auto", Method.Auto)]
    [DataRow("layerwise", Method.Layerwise)]
    [DataRow("pic-pq", Method.PicPq)]
    [DataRow("ajpq", Method.Ajpq)]
    [DataRow("qap", Method.Qap)]
    [DataRow("fit", Method.Fit)]
    public void Methods_are_words(string word, Method method)
    {
        using var folder = new PolicyFolder();

        var model = folder.ReadModel($"method: {word}");

        Assert.AreEqual(method, model.Method.Value);
        Assert.AreEqual((4, 13), (model.Method.Location.Line, model.Method.Location.Column));
    }

    [TestMethod]
    [DataRow("onnxruntime", Target.OnnxRuntime)]
    [DataRow("onnxruntime-plain", Target.OnnxRuntimePlain)]
    [DataRow("weight-only", Target.WeightOnly)]
    [DataRow("qonnx", Target.Qonnx)]
    public void Targets_are_words(string word, Target target)
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual(target, folder.ReadModel($"target: {word}").Target);
    }

    [TestMethod]
    [DataRow("10x", 10.0, true)]
    [DataRow("1.5x", 1.5, true)]
    [DataRow("300KB", 300e3, false)]
    [DataRow("300 kb", 300e3, false)]
    [DataRow("2MiB", 2097152.0, false)]
    [DataRow("\"64B\"", 64.0, false)]
    public void A_size_is_a_factor_or_bytes(string text, double value, bool isFactor)
    {
        using var folder = new PolicyFolder();

        var size = folder.ReadModel($"budget: {{ size: {text} }}").Budget!.Size!;

        Assert.AreEqual((value, isFactor), (size.Value, size.IsFactor));
        Assert.AreEqual((4, 21), (size.Location.Line, size.Location.Column));
    }

    [TestMethod]
    public void A_budget_may_bound_everything_at_once()
    {
        using var folder = new PolicyFolder();

        var budget = folder.ReadModel("budget:\n  size: 10x\n  bops: 64x\n  macs: 40M\n  latency: 1.5ms\n  memory: 1MB").Budget!;

        Assert.AreEqual((10.0, 64.0, 40e6, 1.5, 1e6), (budget.Size!.Value, budget.Bops!.Value, budget.Macs!.Value, budget.Latency!.Value, budget.Memory!.Value));
        Assert.AreEqual(4, budget.Location.Line);
    }

    [TestMethod]
    public void Bit_widths_are_one_or_a_choice()
    {
        using var folder = new PolicyFolder();

        var quantize = folder.ReadModel("calibration: { data: data.npz }\nquantize: { weights: [8, 2, 4], activations: [16, 8, 32], rounding: adaround }").Quantize;

        CollectionAssert.AreEqual(new[] { 2, 4, 8 }, quantize.Weights.ToArray());
        CollectionAssert.AreEqual(new[] { 8, 16 }, quantize.Activations.ToArray(), "float beside bits is no choice of its own");
        Assert.AreEqual(Rounding.AdaRound, quantize.Rounding);
    }

    [TestMethod]
    public void The_constants_of_pic_pq_are_as_published_or_as_given()
    {
        using var folder = new PolicyFolder();

        var (given, published) = (folder.ReadModel("pic-pq: { penalty: 1/5, most-bits: [6, 4, 3] }").PicPq, folder.ReadModel("seed: 1").PicPq);

        Assert.AreEqual((0.2, "6 4 3"), (given.Penalty, string.Join(' ', given.MostBits)));
        Assert.AreEqual((1.0 / 6, "8 6 4"), (published.Penalty, string.Join(' ', published.MostBits)));
    }

    [TestMethod]
    public void The_noise_of_qap_is_a_channels_or_a_weights()
    {
        using var folder = new PolicyFolder();

        Assert.AreEqual(new QapPolicy { Noise = NoiseUnit.Weight, Guard = 2 }, folder.ReadModel("qap: { noise: weight, guard: 2 }").Qap);
        Assert.AreEqual(new QapPolicy(), folder.ReadModel("qap: { noise: channel }").Qap);
        Assert.IsNull(folder.ReadModel("seed: 1").Qap);
    }

    [TestMethod]
    public void Quantization_and_pruning_can_be_switched_off()
    {
        using var folder = new PolicyFolder();

        var model = folder.ReadModel("quantize: none\nprune: none");

        Assert.IsFalse(model.Quantize.Enabled);
        Assert.IsFalse(model.Prune.Enabled!.Value);
    }

    [TestMethod]
    public void Only_a_ratio_asks_for_pruning()
    {
        using var folder = new PolicyFolder();
        Assert.IsNull(folder.ReadModel("prune: { keep-multiple-of: 8 }").Prune.Enabled);
        Assert.IsTrue(folder.ReadModel("prune: { ratio: 1/4 }").Prune.Enabled!.Value);
    }

    [TestMethod]
    public void Training_learns_from_labels_from_the_float_model_or_from_both()
    {
        using var folder = new PolicyFolder();

        var train = folder.ReadModel("train: { data: data.npz, minutes: 2.5 }").Train!;

        Assert.AreEqual((null, null, 2.5, true), (train.Labels, train.Epochs, train.Minutes, train.Distill));
    }

    [TestMethod]
    public void Layer_rules_keep_their_order_and_place()
    {
        using var folder = new PolicyFolder();

        var rules = folder.ReadModel("layers:\n  - { position: last, activations: 16 }\n  - type: Conv\n    prune: true").Layers;

        Assert.AreEqual(new LayerRule(rules[0].Location) { Position = LayerPosition.Last, Activations = 16 }, rules[0]);
        Assert.AreEqual(new LayerRule(rules[1].Location) { Type = "Conv", Prune = true }, rules[1]);
        Assert.AreEqual((6, 9), (rules[1].Location.Line, rules[1].Location.Column));
    }

    [TestMethod]
    public void A_layer_rule_prunes_by_yes_or_no_or_by_a_share()
    {
        using var folder = new PolicyFolder();

        var rules = folder.ReadModel("layers:\n  - { match: a, prune: false }\n  - { match: b, prune: 0.25 }\n  - { match: c, prune: 1/3 }").Layers;

        Assert.AreEqual((false, null), (rules[0].Prune, rules[0].PruneRatio));
        Assert.AreEqual((null, 0.25), (rules[1].Prune, rules[1].PruneRatio));
        Assert.AreEqual(1.0 / 3, rules[2].PruneRatio!.Value, 1e-12);
    }

    [TestMethod]
    public void Anchors_and_flow_style_are_plain_yaml()
    {
        using var folder = new PolicyFolder();
        var model = folder.ReadModel("calibration:\n  data: &data data.npz\n  preprocess: &steps { scale: 1/255 }\naccuracy: { data: *data, preprocess: *steps }");
        Assert.AreEqual(model.Calibration!.Preprocess.Scale, model.Accuracy!.Preprocess!.Scale);
    }
}
