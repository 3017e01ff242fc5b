using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>A policy can limit a model to build configurations.</summary>
[TestClass]
public sealed class ConfigurationTests
{
    [TestMethod]
    [DataRow("", "Debug", true)]
    [DataRow("when: Release", "Release", true)]
    [DataRow("when: Release", "release", true)]
    [DataRow("when: Release", "Debug", false)]
    [DataRow("when: [Release, Staging]", "Staging", true)]
    [DataRow("when: [Release, Staging]", "Debug", false)]
    public void A_model_is_compressed_where_its_entry_says(string when, string configuration, bool compressed)
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual(compressed, folder.ReadModel(when).AppliesTo(configuration));
    }

    [TestMethod]
    public void Two_entries_of_one_model_are_told_apart_by_configuration()
    {
        using var folder = new PolicyFolder();
        var policy = folder.Read("version: 1\nmodels:\n  - { model: model.onnx, when: Debug, seed: 2 }\n  - { model: model.onnx, when: Release, seed: 3 }");

        Assert.AreEqual(2, policy.For(folder["model.onnx"], "Debug").Seed);
        Assert.AreEqual(3, policy.For(folder["model.onnx"], "Release").Seed);
        Assert.IsFalse(policy.For(folder["model.onnx"], "Staging").AppliesTo("Staging"));
    }
}
