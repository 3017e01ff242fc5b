using System.Text.Json.Nodes;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>Under a budget a large layer whose outputs vary in few directions is shipped as a product of two, and a locked build writes the same.</summary>
[TestClass]
public sealed class CompressorFactorsTests
{
    private const string Budget = "budget: { size: 16x }";

    [TestMethod]
    public void Two_factors_where_they_are_nearer_and_the_same_bytes_from_the_lock()
    {
        using var job = Job(Budget);
        job.Run();
        var (model, plan) = (job.Bytes("out/net.onnx"), Plan(job));
        Assert.IsNotNull(plan["factors"], string.Join('\n', job.Heard.Stages));
        Assert.IsTrue(plan["factors"]!.AsObject().ContainsKey("wide"), plan.ToJsonString());
        Assert.IsTrue(job.Report().Layers.Any(layer => layer.Name == "wide.low"));
        // The costs are held against the model as it came: 24 × 192, 192 × 192 and 192 × 3 products.
        Assert.AreEqual((24 * 192) + (192 * 192) + (192 * 3), job.Report().Macs.Float);

        job.Run(locked: true, threads: 1);

        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    public void Not_where_the_policy_says_no_or_a_rule_names_the_layer()
    {
        foreach (var key in (string[])["prune: { factorize: false }", "layers: [{ match: wide, weights: 4 }]"])
        {
            using var job = Job(Budget, key);
            job.Run();
            Assert.IsNull(Plan(job)["factors"], key);
        }
    }

    [TestMethod]
    public void A_lock_with_factors_of_another_model_is_told_of()
    {
        using var job = Job(Budget);
        job.Run();
        File.WriteAllText(job.LockFile, File.ReadAllText(job.LockFile).Replace("\"wide\": ", "\"other\": ", StringComparison.Ordinal));

        Assert.AreEqual("CMP8004", job.Fails(locked: true).Code);
    }

    [TestMethod]
    public void Without_a_budget_the_smaller_form_that_passes_the_gate()
    {
        using var job = Job(SmallJob.Gate);
        using var whole = Job(SmallJob.Gate, "prune: { factorize: false }");
        job.Run();
        whole.Run();
        Assert.IsLessThan(whole.Report().Size.Compressed, job.Report().Size.Compressed);
    }

    [TestMethod]
    public void Trained_factors_are_locked_too()
    {
        using var job = Job(Budget, "train: { data: samples.npy, epochs: 3 }");
        job.Run(cached: true);
        var model = job.Bytes("out/net.onnx");
        Assert.IsNotNull(Plan(job)["factors"]);

        job.Run(locked: true, cached: true);

        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
    }

    private static JsonNode Plan(SmallJob job) => JsonNode.Parse(File.ReadAllText(job.LockFile))!["models"]!.AsObject().Single().Value!["plan"]!;

    /// <summary>Three layers, of which the middle one has most of the weights and a rank of 5.</summary>
    private static SmallJob Job(params string[] entry)
    {
        var builder = new ModelBuilder(seed: 4).Input("input", -1, 1, 4, 6).Flatten();
        string Dense(string input, Tensor weight, string name) =>
            builder.Op("Gemm", [input, builder.Constant(weight), builder.Constant(builder.Random(0.1, weight.Dims[1]))], node => node.Name = name);
        var first = builder.Op("Relu", [Dense(builder.Last, builder.Random(0.3, 24, 192), "first")]);
        var (a, b) = (builder.Random(0.4, 192, 5).Floats(), builder.Random(0.4, 5, 192).Floats());
        var wide = Tensor.Of([.. Enumerable.Range(0, 192 * 192).Select(i => Enumerable.Range(0, 5).Sum(r => a[(i / 192 * 5) + r] * b[(r * 192) + (i % 192)]))], 192, 192);
        var second = builder.Op("Relu", [Dense(first, wide, "wide")]);
        Dense(second, builder.Random(0.3, 192, 3), "last");
        var job = new SmallJob([SmallJob.Samples, .. entry]).SetModel(builder.Output().Build());
        TinyModel.WriteNpy(job["samples.npy"], new ModelBuilder(seed: 2).Random(1, 256, 1, 4, 6));
        TinyModel.WriteNpy(job["validation.npy"], new ModelBuilder(seed: 3).Random(1, 256, 1, 4, 6));
        return job;
    }
}
