using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Evaluate;

/// <summary>What is promised of every metric that runs over data.</summary>
[TestClass]
public sealed class EvaluatorTests
{
    private static readonly AccuracyPolicy Kl = new() { Location = new("p.yaml", 3, 5), Metric = MetricKind.Kl };

    [TestMethod]
    public void The_value_is_the_same_to_the_last_bit_with_any_number_of_threads()
    {
        var (model, other) = (Network(seed: 1), Network(seed: 2));
        var values = new[] { 1, 2, 5 }.Select(threads =>
        {
            using var evaluator = Evaluator.For(Kl, model, Images(150), threads)!;
            return evaluator.Measure(other);
        }).ToArray();

        Assert.IsTrue(values[0].Value > 0);
        Assert.IsTrue(values.All(value => value.Value == values[0].Value && value.StandardError == values[0].StandardError));
    }

    [TestMethod]
    public void The_float_model_does_not_differ_from_itself()
    {
        using var evaluator = Evaluator.For(Kl, Network(seed: 1), Images(40), threads: 2)!;
        Assert.AreEqual(0, evaluator.MeasureFloat().Value);
    }

    [TestMethod]
    public void Feeds_of_one_sample_each_give_the_same_value_as_batches()
    {
        var (model, other) = (Network(seed: 1), Network(seed: 2));
        using var batched = Evaluator.For(Kl, model, Images(20), threads: 2)!;
        using var single = Evaluator.For(Kl, model, Images(20, largestBatch: 1), threads: 2)!;
        Assert.AreEqual(batched.Measure(other).Value, single.Measure(other).Value, 1e-6);
    }

    [TestMethod]
    public void An_output_whose_samples_are_not_on_axis_0_is_measured_one_sample_at_a_time()
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        builder.Op("Transpose", ["x"], node => node.Set("perm", [1, 0]));
        var transposed = OnnxWriter.ToBytes(builder.Build());
        var data = new MemoryDataset(
            new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0], 3, 4) },
            new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(new long[] { 0, 2, 3 }, 3) });
        using var evaluator = Evaluator.For(Kl with { Metric = MetricKind.Cosine }, transposed, data, threads: 2)!;

        Assert.AreEqual(1, evaluator.Measure(transposed).Value, 1e-9);
    }

    [TestMethod]
    public void A_fixed_batch_is_never_cut_up()
    {
        using var whole = Evaluator.For(Kl, Network(seed: 1), Images(24, largestBatch: 8, isFixed: true), threads: 2)!;
        using var limited = Evaluator.For(Kl with { Samples = 20 }, Network(seed: 1), Images(24, largestBatch: 8, isFixed: true), threads: 2)!;
        Assert.AreEqual(whole.Measure(Network(seed: 2)).Value, limited.Measure(Network(seed: 2)).Value);

        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8);
        builder.Op("Transpose", ["x"], node => node.Set("perm", [1, 0, 2, 3]));
        using var transposed = Evaluator.For(Kl with { Metric = MetricKind.Cosine }, OnnxWriter.ToBytes(builder.Build()), Images(24, largestBatch: 8, isFixed: true), threads: 2)!;
        Assert.AreEqual("CMP7013", Assert.ThrowsExactly<CompressionException>(() => transposed.MeasureFloat()).Diagnostic.Code);
    }

    [TestMethod]
    public void The_policy_limits_the_samples_and_chooses_the_output()
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        builder.Op("Neg", ["x"]);
        builder.Op("Identity", ["x"]);
        var model = OnnxWriter.ToBytes(builder.Output("neg0", "identity1").Build());
        var data = new MemoryDataset(
            new Dictionary<string, Tensor> { ["x"] = Tensor.Of([3, 0, 0, 0, 3, 0, 3, 0, 0], 3, 3) },
            new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(new long[] { 0, 1, 1 }, 3) });
        var policy = new AccuracyPolicy { Location = new("p.yaml"), Samples = 2, Output = "identity1" };

        using var evaluator = Evaluator.For(policy, model, data, threads: 1)!;

        Assert.AreEqual((100.0, 2), (evaluator.MeasureFloat().Value, evaluator.MeasureFloat().Samples));
    }

    /// <summary>Classifiers of other libraries give the class's name first.</summary>
    [TestMethod]
    public void An_output_of_text_is_a_coded_error_that_names_the_others()
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        builder.Op("Cast", ["x"], node => node.Set("to", (int)Onnx.TensorProto.Types.DataType.String));
        builder.Op("Identity", ["x"]);
        builder.Output("cast0", "identity1").Graph.Outputs[0].Type.TensorType.ElemType = (int)Onnx.TensorProto.Types.DataType.String;
        var data = new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([3f, 0, 0], 1, 3) }, new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(new long[] { 0 }, 1) });
        using var evaluator = Evaluator.For(new AccuracyPolicy { Location = new("p.yaml", 3, 5) }, OnnxWriter.ToBytes(builder.Build()), data, threads: 1)!;

        var error = Assert.ThrowsExactly<CompressionException>(() => evaluator.MeasureFloat());

        Assert.AreEqual("CMP7017", error.Diagnostic.Code);
        StringAssert.Contains(error.Diagnostic.Message, "'cast0'");
        StringAssert.Contains(error.Diagnostic.Message, "identity1");
    }

    [TestMethod]
    public void Two_models_on_the_same_samples_are_compared_in_pairs()
    {
        // Both err on the same half of the samples: each value is uncertain, their difference is not.
        var data = new MemoryDataset(
            new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. Enumerable.Range(0, 80).Select(i => i % 4 is 0 ? 1f : 0f)], 40, 2) },
            new Dictionary<string, Tensor> { ["labels"] = Tensor.Of([.. Enumerable.Range(0, 40).Select(i => (long)(i % 4 / 2))], 40) });
        var policy = new AccuracyPolicy { Location = new("p.yaml") };
        using var evaluator = Evaluator.For(policy, Models.Identity(-1, 2), data, threads: 1)!;

        var difference = evaluator.MeasureFloat().Minus(evaluator.Measure(Models.Affine([2, 2], [0, 0], -1, 2)));

        Assert.IsTrue(evaluator.MeasureFloat().StandardError > 1);
        Assert.AreEqual(new Difference(0, 0), difference);
    }

    [TestMethod]
    public void Without_data_and_without_a_program_there_is_nothing_to_evaluate()
    {
        Assert.IsNull(Evaluator.For(null, (byte[])[], null, 1));
        Assert.IsNull(Evaluator.For(Kl, (byte[])[], null, 1));
        Assert.AreEqual("CMP7002", Codes.NothingChecked(new("p.yaml")).Code);
    }

    [TestMethod]
    [DataRow("CMP7003", "labels", 3L, "x")]
    [DataRow("CMP7004", "truth", 9L, "x")]
    [DataRow("CMP7004", "halves", 0L, "x")]
    [DataRow("CMP7005", "pairs", 0L, "x")]
    [DataRow("CMP7006", "truth", 0L, "nowhere")]
    public void Labels_and_outputs_that_do_not_fit_are_named(string code, string labels, long label, string output)
    {
        var data = new MemoryDataset(
            new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[8], 2, 4) },
            new Dictionary<string, Tensor> { ["truth"] = Tensor.Of([label, label], 2), ["pairs"] = Tensor.Of(new long[4], 2, 2), ["halves"] = Tensor.Of([0.5f, 1.5f], 2) });
        var policy = new AccuracyPolicy { Location = new("p.yaml", 7, 3), Labels = labels, Output = output == "x" ? null : output };
        using var evaluator = Evaluator.For(policy, Models.Identity(-1, 4), data, threads: 2)!;

        var error = Assert.ThrowsExactly<CompressionException>(() => evaluator.MeasureFloat()).Diagnostic;

        Assert.AreEqual((code, 7), (error.Code, error.Location!.Line));
    }

    [TestMethod]
    public void An_empty_data_set_is_an_error()
    {
        using var evaluator = Evaluator.For(Kl, Models.Identity(-1, 4), new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[0], 0, 4) }), 1)!;
        Assert.AreEqual("CMP7012", Assert.ThrowsExactly<CompressionException>(() => evaluator.MeasureFloat()).Diagnostic.Code);
    }

    [TestMethod]
    public void Evaluation_stops_when_it_is_cancelled()
    {
        using var evaluator = Evaluator.For(Kl, Network(1), Images(64), threads: 2)!;
        Assert.ThrowsExactly<OperationCanceledException>(() => evaluator.MeasureFloat(new CancellationToken(canceled: true)));
    }

    private static byte[] Network(int seed) =>
        OnnxWriter.ToBytes(new ModelBuilder(seed).Input("x", -1, 3, 8, 8).Conv(6, 3).Relu().GlobalPool().Flatten().Dense(5).Build());

    private static MemoryDataset Images(int count, int largestBatch = int.MaxValue, bool isFixed = false) =>
        new(new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(7).Random(1, count, 3, 8, 8) }) { LargestBatch = largestBatch, IsFixed = isFixed };
}
