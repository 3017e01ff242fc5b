using Compress.Analysis;
using Compress.Apply;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Weights of dense layers that stay packed as the model runs give what their rounded values give, and take no more memory than on disk.</summary>
[TestClass]
public sealed class PackedProductTests
{
    [TestMethod]
    [DataRow(4, 256, DisplayName = "4 bits")]
    [DataRow(8, 256, DisplayName = "8 bits")]
    [DataRow(4, 200, DisplayName = "a last block that is not full")]
    public void The_product_is_that_of_the_rounded_weights(int bits, int columns)
    {
        var (facts, feed) = Dense(columns);
        var (packed, unpacked) = (Apply(facts, bits, isPacked: true), Apply(facts, bits, isPacked: false));

        Assert.AreEqual(2, packed.Model.Graph.Nodes.Count(node => node.Op == "MatMulNBits"));
        Assert.IsLessThan(0.02, Compressing.RelativeError(Compressing.Run(unpacked.Model, feed), Compressing.Run(packed.Model, feed)));
        var loaded = OptimizedModel.Of(Lean.Apply(packed.Model));
        Assert.IsTrue(loaded.Constants.Values.All(constant => !constant.IsFloat || constant.Count < columns), "weights were unpacked when the model was loaded");
        var codes = packed.Model.Graph.Constants.Values.Where(constant => constant.Rank == 3).ToList();
        CollectionAssert.AreEqual(new long[] { 24, 2, 128 * bits / 8 }, codes[0].Dims);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(2)]
    public void Widths_that_the_kernel_does_not_know_are_unpacked_when_the_model_is_loaded(int bits) =>
        Assert.IsFalse(Apply(Dense(256).Facts, bits, isPacked: true).Model.Graph.Nodes.Any(node => node.Op == "MatMulNBits"));

    [TestMethod]
    public void Integer_arithmetic_has_kernels_of_its_own()
    {
        var (facts, _) = Dense(256);
        var plan = Compressing.Uniform(facts, 4) with { PackedProducts = [.. facts.Layers.Select(layer => layer.Name)] };
        Assert.IsFalse(Compressing.Apply(facts, plan).Model.Graph.Nodes.Any(node => node.Op == "MatMulNBits"));
    }

    [TestMethod]
    [DataRow(4, "1.16.3", "1.17")]
    [DataRow(4, "1.17.0", null)]
    [DataRow(8, "1.21.0", "1.22")]
    [DataRow(8, "1.22.0", null)]
    public void A_project_that_references_an_older_runtime_is_told(int bits, string referenced, string? needed)
    {
        var model = Apply(Dense(256).Facts, bits, isPacked: true).Model;
        model.Header.IrVersion = 8;
        var found = RuntimeVersions.Check(OnnxWriter.ToBytes(model), referenced, new SourceLocation("compress.yaml"));
        Assert.AreEqual(needed is null ? null : "CMP8008", found?.Code);
        if (needed is not null) StringAssert.Contains(found!.Message, $"Reference {needed} or newer");
    }

    [TestMethod]
    public void The_policy_asks_for_it_and_the_faster_form_is_kept()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, "target: weight-only", "quantize: { weights: 4, keep-packed: true }");
        var builder = new ModelBuilder(seed: 4).Input("input", -1, 1, 8, 8);
        builder.Op("Reshape", ["input", builder.Constant(Tensor.List(-1, 64))]);
        // Large enough for its weights to count, small enough for few rows.
        foreach (var (inputs, outputs) in (ReadOnlySpan<(int, int)>)[(64, 512), (512, 512), (512, 64)])
            builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1 / Math.Sqrt(inputs), inputs, outputs))]);
        job.SetModel(builder.Build());

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);

        var chosen = job.Heard.Stages.Single(stage => stage.StartsWith("weights that stay packed", StringComparison.Ordinal));
        var times = chosen.Split(' ').Where(word => double.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out _)).Select(word => double.Parse(word, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        var isPacked = OnnxReader.Read(job.Output).Graph.Nodes.Any(node => node.Op == "MatMulNBits");
        if (times[0] != times[1]) Assert.AreEqual(times[0] < times[1], isPacked, chosen);
        Assert.IsTrue(job.Run(locked: true).Passed);
    }

    private static AppliedPlan Apply(ModelFacts facts, int bits, bool isPacked) =>
        Compressing.Apply(facts, Compressing.Uniform(facts, bits, 32) with { PackedProducts = isPacked ? [.. facts.Layers.Select(layer => layer.Name)] : [] });

    /// <summary>A MatMul with a bias behind it, and a Gemm with one of its own and transposed weights.</summary>
    private static (ModelFacts Facts, IReadOnlyDictionary<string, Tensor> Feed) Dense(int columns)
    {
        var builder = new ModelBuilder(seed: 6, opset: 18).Input("x", -1, columns);
        var first = builder.Op("Add", [builder.Op("MatMul", ["x", builder.Constant(builder.Random(0.1, columns, 24), "w")]), builder.Constant(builder.Random(0.1, 24))]);
        var second = builder.Op("Gemm", ["x", builder.Constant(builder.Random(0.1, 24, columns), "w"), builder.Constant(builder.Random(0.1, 24))], node => node.Set("transB", 1));
        builder.Output(first, second);
        var feed = builder.Feed(batch: 32);
        return (Compressing.Facts(builder.Build(), feed), feed);
    }
}
