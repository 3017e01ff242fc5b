using System.Text.Json;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Tool.Tests;

[TestClass]
public sealed class OtherVerbsTests
{
    private readonly string folder = TempRoot.NewFolder("verbs");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    public void Evaluate_measures_a_compressed_model_with_the_entry_of_its_float_one()
    {
        var model = TinyModel.Write(folder);
        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("small.onnx")).Expect(0);

        using var measured = JsonDocument.Parse(ToolRun.Of("evaluate", PathTo("small.onnx"), "--policy", PathTo("compress.yaml"), "--json").Expect(0).Output);

        Assert.AreEqual("cosine", measured.RootElement.GetProperty("metric").GetString());
        Assert.AreEqual(64, measured.RootElement.GetProperty("samples").GetInt32());
        Assert.IsTrue(measured.RootElement.GetProperty("value").GetDouble() is > 0.9 and < 1);
        StringAssert.StartsWith(ToolRun.Of("evaluate", model, "--policy", PathTo("compress.yaml")).Expect(0).Output, "cosine 1 over 64 samples");
        File.WriteAllBytes(PathTo("foreign.onnx"), OnnxWriter.ToBytes(new ModelBuilder(1).Input("foreign", -1, 4).Relu().Build()));
        StringAssert.Contains(ToolRun.Of("evaluate", PathTo("foreign.onnx"), "--as", model, "--policy", PathTo("compress.yaml")).Expect(2).Error, "CMP7016");
    }

    [TestMethod]
    public void Evaluate_without_validation_data_says_so()
    {
        var model = TinyModel.Write(folder, string.Join('\n', TinyModel.Policy.Split('\n').Where(line => !line.Contains("accuracy", StringComparison.Ordinal))));

        StringAssert.Contains(ToolRun.Of("evaluate", model, "--policy", PathTo("compress.yaml")).Expect(2).Error, "CMP0006");
    }

    [TestMethod]
    public void Inspect_lists_layers_groups_and_costs()
    {
        var model = TinyModel.Write(folder);

        var text = ToolRun.Of("inspect", model, "--groups").Expect(0).Output;
        using var json = JsonDocument.Parse(ToolRun.Of("inspect", model, "--policy", PathTo("compress.yaml"), "--json").Expect(0).Output);

        StringAssert.Contains(text, "conv2");
        StringAssert.Contains(text, "channel groups");
        var layers = json.RootElement.GetProperty("layers").EnumerateArray().ToList();
        CollectionAssert.AreEqual(new[] { "Conv", "Conv", "Gemm" }, layers.Select(layer => layer.GetProperty("type").GetString()).ToArray());
        Assert.AreEqual(64 * 4 * 9, layers[0].GetProperty("macs").GetInt64(), "8 × 8 positions, 4 filters, 3 × 3 of one channel");
        Assert.AreEqual(2, json.RootElement.GetProperty("groups").EnumerateArray().Count(group => group.GetProperty("closed").ValueKind == JsonValueKind.Null));
    }

    [TestMethod]
    public void Inspect_names_what_rules_match_beside_layers()
    {
        var builder = new ModelBuilder(seed: 6).Input("ids", Onnx.TensorProto.Types.DataType.Int64, -1, 8);
        builder.Op("Gather", [builder.Constant(builder.Random(1, 200, 16)), "ids"], node => node.Name = "words");
        TinyModel.Write(folder);
        File.WriteAllBytes(PathTo("net.onnx"), Compress.Graph.OnnxWriter.ToBytes(builder.Output().Build()));

        StringAssert.Contains(ToolRun.Of("inspect", PathTo("net.onnx")).Expect(0).Output, "words (Gather)");
    }

    [TestMethod]
    public void Init_writes_a_policy_that_reads_and_its_schema_and_replaces_nothing_unasked()
    {
        var model = TinyModel.Write(PathTo("models"));

        ToolRun.Of("init", model, "--policy", PathTo("compress.yaml")).Expect(0);

        var policy = PolicyReader.Read(PathTo("compress.yaml"));
        Assert.AreEqual(model, policy.Models.Single().Model.Value);
        StringAssert.StartsWith(File.ReadAllText(PathTo("compress.yaml")), $"# yaml-language-server: $schema=./{PolicySchema.FileName}");
        Assert.AreEqual(ToolRun.Of("schema").Expect(0).Output, File.ReadAllText(PathTo(PolicySchema.FileName)));
        StringAssert.Contains(ToolRun.Of("init", model, "--policy", PathTo("compress.yaml")).Expect(2).Error, "CMP0004");
        ToolRun.Of("init", model, "--policy", PathTo("compress.yaml"), "--force").Expect(0);
    }
}
