using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>`defaults` hold for every model, key by key, unless the model says otherwise.</summary>
[TestClass]
public sealed class DefaultsTests
{
    private const string Defaults = """
        version: 1
        defaults:
          method: qap
          calibration: { data: data.npz, samples: 64, preprocess: { scale: 1/255, mean: 0.5 } }
          accuracy: { data: data.npz, max-drop: 0.5 }
          quantize: { weights: 4, activations: 8 }
          budget: { size: 10x }
          layers: [{ type: Softmax, keep: float }]
        """;

    [TestMethod]
    public void A_model_without_keys_has_the_defaults()
    {
        using var folder = new PolicyFolder();

        var model = folder.Read(Defaults + "\nmodels: [{ model: model.onnx }]").Models.Single();

        Assert.AreEqual(Method.Qap, model.Method.Value);
        Assert.AreEqual(64, model.Calibration!.Samples);
        Assert.AreEqual(10, model.Budget!.Size!.Value);
        Assert.AreEqual(7, model.Budget.Size.Location.Line);
    }

    [TestMethod]
    public void Sections_are_merged_key_by_key_at_every_depth()
    {
        using var folder = new PolicyFolder();

        var model = folder.Read(Defaults + """

            models:
              - model: model.onnx
                calibration: { samples: 32, preprocess: { mean: 0.25 } }
                quantize: { weights: [2, 4] }
                budget: { latency: 2x }
            """).Models.Single();

        Assert.AreEqual((32, (float)(1 / 255.0), 0.25f), (model.Calibration!.Samples, model.Calibration.Preprocess.Scale, model.Calibration.Preprocess.Mean.Single()));
        CollectionAssert.AreEqual(new[] { 2, 4 }, model.Quantize.Weights.ToArray());
        CollectionAssert.AreEqual(new[] { 8 }, model.Quantize.Activations.ToArray());
        Assert.AreEqual((10.0, 2.0), (model.Budget!.Size!.Value, model.Budget.Latency!.Value));
    }

    [TestMethod]
    public void Lists_and_data_are_replaced_whole()
    {
        using var folder = new PolicyFolder("ids.npz");

        var model = folder.Read(Defaults + """

            models:
              - model: model.onnx
                calibration: { data: { ids: "ids.npz:ids" } }
                layers: [{ type: Conv, weights: 8 }]
            """).Models.Single();

        Assert.IsNull(model.Calibration!.Data.Path);
        Assert.HasCount(1, model.Calibration.Data.Inputs);
        Assert.AreEqual("Conv", model.Layers.Single().Type);
    }

    [TestMethod]
    public void None_takes_back_what_the_defaults_ask_for()
    {
        using var folder = new PolicyFolder();

        var model = folder.Read(Defaults + "\nmodels: [{ model: model.onnx, accuracy: none, budget: none, quantize: auto }]").Models.Single();

        Assert.IsNull(model.Accuracy);
        Assert.IsNull(model.Budget);
        Assert.IsEmpty(model.Quantize.Weights);
    }

    [TestMethod]
    public void A_key_that_must_be_there_may_come_from_either_side()
    {
        using var folder = new PolicyFolder();
        const string Half = "version: 1\ndefaults: { calibration: { samples: 7 } }\nmodels: [{ model: model.onnx, calibration: { data: data.npz } }]";

        Assert.AreEqual(7, folder.Read(Half).Models.Single().Calibration!.Samples);
        Assert.AreEqual("CMP1012 at 2:13", folder.Mistake(Half.Replace(", calibration: { data: data.npz }", "")));
    }

    [TestMethod]
    public void A_mistake_in_the_defaults_is_found_even_where_every_model_overrides_it()
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual("CMP1014 at 2:19", folder.Mistake("version: 1\ndefaults: { seed: -1 }\nmodels: [{ model: model.onnx, seed: 1 }]"));
    }

    [TestMethod]
    public void A_contradiction_between_defaults_and_a_model_is_found()
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual("CMP1030 at 2:29", folder.Mistake("version: 1\ndefaults: { budget: { macs: 2x } }\nmodels: [{ model: model.onnx, prune: none }]"));
    }
}
