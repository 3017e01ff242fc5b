using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Several models in one file: globs, and the entry that holds for one model.</summary>
[TestClass]
public sealed class SeveralModelsTests
{
    private static readonly string[] Models = ["models/b.onnx", "models/a.onnx", "models/deep/c.onnx", "models/readme.txt", "models/obj/a.onnx", "bin/models/a.onnx", "models/a.compressed.onnx", "models/b.candidate.onnx"];

    [TestMethod]
    public void A_glob_is_one_entry_a_file_in_ordinal_order()
    {
        using var folder = new PolicyFolder(Models);

        var policy = folder.Read("version: 1\nmodels: [{ model: models/*.onnx, seed: 5 }]");

        CollectionAssert.AreEqual(new[] { folder["models/a.onnx"], folder["models/b.onnx"] }, policy.Models.Select(m => m.Model.Value).ToArray());
        Assert.IsTrue(policy.Models.All(m => m.Seed == 5 && m.Model.Location is { Line: 2, Column: 19 }));
    }

    [TestMethod]
    public void Two_stars_reach_into_folders_but_not_into_what_a_build_wrote()
    {
        using var folder = new PolicyFolder(Models);

        var policy = folder.Read("version: 1\nmodels: [{ model: \"**/*.onnx\" }]");

        CollectionAssert.AreEqual(
            new[] { folder["model.onnx"], folder["models/a.onnx"], folder["models/b.onnx"], folder["models/deep/c.onnx"] },
            policy.Models.Select(m => m.Model.Value).ToArray());
    }

    [TestMethod]
    public void A_file_that_has_an_entry_of_its_own_is_not_taken_by_a_glob()
    {
        using var folder = new PolicyFolder(Models);

        var policy = folder.Read("version: 1\nmodels:\n  - { model: models/*.onnx, seed: 5 }\n  - { model: models/b.onnx, seed: 6 }");

        Assert.AreEqual(5, policy.For(folder["models/a.onnx"]).Seed);
        Assert.AreEqual(6, policy.For(folder["models/b.onnx"]).Seed);
        Assert.HasCount(2, policy.Models);
    }

    [TestMethod]
    public void The_entry_of_a_model_is_found_by_its_full_path()
    {
        using var folder = new PolicyFolder(Models);
        var policy = folder.Read("version: 1\nmodels:\n  - { model: models/a.onnx, seed: 5 }\n  - { model: ./models/../models/b.onnx, seed: 6 }");

        Assert.AreEqual(6, policy.For(folder["models/deep/../b.onnx"]).Seed);
    }

    [TestMethod]
    public void A_model_without_an_entry_has_the_defaults()
    {
        using var folder = new PolicyFolder(Models);
        var policy = folder.Read("version: 1\ndefaults:\n  seed: 7");

        var model = policy.For(folder["models/a.onnx"]);

        Assert.IsEmpty(policy.Models);
        Assert.AreEqual((folder["models/a.onnx"], 7), (model.Model.Value, model.Seed));
        Assert.AreEqual(3, model.Model.Location.Line);
    }

    [TestMethod]
    public void A_model_without_an_entry_needs_complete_defaults()
    {
        using var folder = new PolicyFolder(Models);
        var policy = folder.Read("version: 1\ndefaults: { calibration: { samples: 7 } }");

        var error = Assert.ThrowsExactly<CompressionException>(() => policy.For(folder["models/a.onnx"])).Diagnostic;

        Assert.AreEqual(("CMP1012", 2), (error.Code, error.Location!.Line));
    }

    [TestMethod]
    public void A_model_that_does_not_exist_is_not_compressed_by_defaults()
    {
        using var folder = new PolicyFolder();
        var policy = folder.Read("version: 1\ndefaults: { seed: 7 }");

        Assert.AreEqual("CMP2001", Assert.ThrowsExactly<CompressionException>(() => policy.For(folder["nowhere.onnx"])).Diagnostic.Code);
    }

    [TestMethod]
    public void The_nearest_name_is_offered_for_a_model_without_an_entry()
    {
        using var folder = new PolicyFolder(Models);
        var policy = folder.Read("version: 1\nmodels: [{ model: models/a.onnx }]");

        var error = Assert.ThrowsExactly<CompressionException>(() => policy.For(folder["modles/a.onnx"])).Diagnostic;

        Assert.AreEqual("CMP1025", error.Code);
        StringAssert.Contains(error.Message, "There is no such file, either. Did you mean 'models/a.onnx'?");
    }

    [TestMethod]
    public void Entries_of_different_configurations_may_share_an_output()
    {
        using var folder = new PolicyFolder();
        const string Policy = "version: 1\nmodels:\n  - { model: model.onnx, when: [Debug, Test] }\n  - { model: model.onnx, when: Release }";

        Assert.HasCount(2, folder.Read(Policy).Models);
        Assert.AreEqual("CMP1023 at 4:14", folder.Mistake(Policy.Replace("Release", "test")));
    }
}
