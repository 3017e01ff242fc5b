namespace Compress.Core.Tests.Policy;

/// <summary>Later stages can point at any key of the policy.</summary>
[TestClass]
public sealed class LocationsTests
{
    private const string Policy = """
        version: 1
        defaults:
          calibration:
            data: data.npz
        models:
          - model: model.onnx
            calibration: { preprocess: { mean: [0.5, 0.5, 0.5] } }
            accuracy:
              data: data.npz
              labels: label
            layers:
              - { type: Conv, weights: 8 }
        """;

    [TestMethod]
    [DataRow("model", 6, 12)]
    [DataRow("calibration", 7, 5)]
    [DataRow("calibration.data", 4, 11)]
    [DataRow("calibration.preprocess.mean", 7, 34)]
    [DataRow("accuracy", 8, 5)]
    [DataRow("accuracy.labels", 10, 15)]
    [DataRow("layers[0]", 12, 9)]
    [DataRow("layers[0].weights", 12, 32)]
    public void A_key_is_where_it_was_written(string key, int line, int column)
    {
        using var folder = new PolicyFolder();

        var location = folder.Read(Policy).Models.Single().Where(key);

        Assert.AreEqual((folder["compress.yaml"], line, column), (location.File, location.Line, location.Column));
    }

    [TestMethod]
    [DataRow("accuracy.max-drop", 8)]
    [DataRow("calibration.preprocess.std", 7)]
    [DataRow("layers[0].activations", 12)]
    [DataRow("layers[5].activations", 11)]
    [DataRow("budget.size", 6)]
    public void A_key_that_was_not_written_is_at_the_nearest_section_around_it(string key, int line)
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual(line, folder.Read(Policy).Models.Single().Where(key).Line);
    }
}
