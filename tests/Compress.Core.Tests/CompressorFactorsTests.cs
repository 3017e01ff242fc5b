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
        // Two values of 192 floats at a time, as in the model as it came; four bytes a float.
        Assert.AreEqual(2 * 192 * 4, job.Report().Memory!.Float);

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
    public void The_layers_as_they_are_are_searched_first()
    {
        using var job = Job(Budget);
        job.Run();
        int At(string stage) => job.Heard.Stages.FindIndex(told => told.StartsWith(stage, StringComparison.Ordinal));
        Assert.IsTrue(At("layers as they are") is > 0 and var plain && plain < At("the same with wide as a product of rank 5"), string.Join('\n', job.Heard.Stages));
        Assert.IsLessThan(At("layers as products"), At("the same with"));
    }

    [TestMethod]
    public void Factors_alone_can_meet_a_budget_without_quantization()
    {
        using var job = Job("quantize: none", "budget: { macs: 4x }");
        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        var model = job.Bytes("out/net.onnx");
        Assert.IsTrue(Plan(job)["factors"] is not null && Plan(job)["cuts"]!.AsArray().Count == 0, Plan(job).ToJsonString());
        Assert.IsGreaterThanOrEqualTo(4, job.Report().Macs.Factor);

        Assert.IsTrue(job.Run(locked: true).Passed);

        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    public void The_policy_s_multiple_goes_for_the_rank_too()
    {
        using var job = Job(Budget, "prune: { keep-multiple-of: 8 }");
        job.Run();
        Assert.AreEqual(8, Plan(job)["factors"]!["wide"]!.GetValue<int>());
    }

    [TestMethod]
    public void A_layer_whose_outputs_never_vary_stays_as_it_is()
    {
        using var job = Job(Budget);
        var model = OnnxReader.Read(job.Model);
        var bias = model.Graph.Nodes.Single(node => node.Name == "first").Inputs[2];
        model.Graph.Constants[bias] = Tensor.Of([.. Enumerable.Repeat(-1000f, 192)], 192);
        job.SetModel(model).Run();
        Assert.IsNull(Plan(job)["factors"]);
    }

    [TestMethod]
    public void Without_a_budget_and_without_data_to_check_with_layers_stay_as_they_are()
    {
        using var job = Job("accuracy: { metric: cosine }");
        job.Run();
        Assert.IsNull(Plan(job)["factors"]);
    }

    [TestMethod]
    [DataRow("{ \"other\": 5 }")]
    [DataRow("{ \"wide\": 193 }")]
    [DataRow("{ \"wide\": \"five\" }")]
    public void A_lock_with_factors_that_the_model_can_t_have_is_told_of(string wrong)
    {
        using var job = Job(Budget);
        job.Run();
        var file = JsonNode.Parse(File.ReadAllText(job.LockFile))!;
        file["models"]!.AsObject().Single().Value!["plan"]!["factors"] = JsonNode.Parse(wrong);
        File.WriteAllText(job.LockFile, file.ToJsonString());

        Assert.AreEqual("CMP8004", job.Fails(locked: true).Code);
    }

    [TestMethod]
    public void A_front_has_points_with_factors()
    {
        using var job = Job(Budget);
        var front = job.Front(FrontCost.Size, 2, 16);
        Assert.HasCount(3, front.Points);
        Assert.IsNotNull(front.Points[2].Plan!["factors"], string.Join('\n', job.Heard.Stages));
        Assert.AreEqual((24 * 192) + (192 * 192) + (192 * 3), front.Points[0].Macs);
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
