using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>From a policy to files: what is put in place, what is reported, and what happens when gate or budget are missed.</summary>
[TestClass]
public sealed class CompressorTests
{
    [TestMethod]
    public void Model_and_reports_are_put_in_place_with_figures_that_add_up()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits, "prune: none", "budget: { size: 1.5x, bops: 4x, latency: 1h, memory: 1GB }");

        var result = job.Run();

        Assert.AreEqual((true, job.Output, ""), (result.Passed, result.Output, job.Heard.Codes));
        CollectionAssert.AreEqual(new[] { "compress.lock.json", "out/net.onnx", "out/net.report.html", "out/net.report.json" }, job.Made().ToArray());
        CollectionAssert.AreEqual(new[] { job.Model, job["samples.npy"], job["validation.npy"] }, result.FilesRead.ToArray());
        var report = job.Report();
        Assert.AreEqual(("onnxruntime", "auto", "cosine"), (report.Target, report.Method, report.Metric!.Name));
        Assert.AreEqual(new FileInfo(job.Model).Length, report.Size.Float);
        Assert.AreEqual(new FileInfo(job.Output).Length, report.Size.Compressed);
        Assert.AreEqual(16, report.Bops.Factor, "8 × 8 bits of 32 × 32");
        Assert.AreEqual((1.0, true), (report.Metric.Float, report.Metric.Margin > 0));
        Assert.AreEqual(1 - report.Metric.Compressed, report.Metric.Drop!.Value, 1e-9);
        Assert.IsTrue(report.Latency is { Float: > 0, Compressed: > 0 });
        Assert.IsTrue(report.Memory is { Factor: > 1 and <= 4 }, "activations take a byte instead of four");
        Assert.IsTrue(report.Layers.All(layer => layer is { WeightBits: 8, ActivationBits: 8, Error: > 0 and < 0.01, Channels: null, Reason: null }));
    }

    [TestMethod]
    public void An_image_that_can_not_be_opened_is_an_error_of_the_data()
    {
        using var job = new SmallJob("calibration: { data: images }", SmallJob.Bits);
        Directory.CreateDirectory(job["images"]);
        File.CreateSymbolicLink(job["images/a.png"], job["nowhere.png"]);

        var error = job.Fails();

        Assert.AreEqual(("CMP3003", job["images/a.png"]), (error.Code, error.Location!.File));
    }

    [TestMethod]
    public void A_missed_budget_is_an_error_at_its_line_with_the_candidate_aside()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits, "budget:", "  latency: 1us", "  memory: 10B");

        var result = job.Run();

        Assert.AreEqual((false, job["missed/net.candidate.onnx"]), (result.Passed, result.Output));
        CollectionAssert.AreEqual(new[] { ("CMP5001", 8), ("CMP5001", 9) }, job.Heard.Diagnostics.Select(d => (d.Code, d.Location!.Line)).ToArray());
        var memory = job.Report("missed/net.candidate.report.json").Memory!.Compressed;
        StringAssert.Contains(job.Heard.Diagnostics[1].Message, FormattableString.Invariant($"memory is {memory:#,0} bytes, the policy allows 10."));
        CollectionAssert.AreEqual(new[] { "missed/net.candidate.onnx", "missed/net.candidate.report.html", "missed/net.candidate.report.json" }, job.Made().ToArray());
    }

    [TestMethod]
    public void A_model_that_missed_its_gate_takes_the_earlier_one_out_of_its_place_and_one_that_passes_comes_back()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        job.Run();
        var locked = File.ReadAllText(job.LockFile);

        job.SetPolicy(SmallJob.Samples, SmallJob.Bits, "accuracy:", "  data: validation.npy", "  metric: cosine", "  min: 1");
        Assert.IsFalse(job.Run().Passed);

        var miss = job.Heard.Diagnostics.Single();
        Assert.AreEqual(("CMP7001", Severity.Error, 9), (miss.Code, miss.Severity, miss.Location!.Line));
        CollectionAssert.AreEqual(new[] { "compress.lock.json", "missed/net.candidate.onnx", "missed/net.candidate.report.html", "missed/net.candidate.report.json" }, job.Made().ToArray());
        Assert.AreEqual(locked, File.ReadAllText(job.LockFile), "what was missed is not locked");
        Assert.IsFalse(job.Report("missed/net.candidate.report.json").Metric!.Passed);

        job.SetPolicy(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        Assert.IsTrue(job.Run().Passed);
        Assert.IsFalse(job.Made().Any(file => file.StartsWith("missed/", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_gate_that_only_warns_lets_the_model_through()
    {
        const string Warning = "accuracy: { data: validation.npy, metric: cosine, min: 1, on-miss: warning }";
        using var job = new SmallJob(SmallJob.Samples, Warning, SmallJob.Bits);

        Assert.IsTrue(job.Run().Passed);
        Assert.AreEqual(("CMP7001", Severity.Warning), (job.Heard.Diagnostics.Single().Code, job.Heard.Diagnostics.Single().Severity));
        StringAssert.StartsWith(job.Report().Warnings.Single(), "CMP7001: The accuracy gate was missed");

        job.SetPolicy(SmallJob.Samples, Warning.Replace("warning", "error", StringComparison.Ordinal), SmallJob.Bits);
        Assert.IsFalse(job.Run(locked: true).Passed, "the locked figures are judged anew");
        Assert.IsFalse(File.Exists(job.Output));
    }

    [TestMethod]
    [DataRow("auto")]
    [DataRow("qap")]
    [DataRow("layerwise")]
    public void A_metric_without_a_bound_is_measured_and_told_and_nothing_is_given_up_for_size(string method)
    {
        using var job = new SmallJob(SmallJob.Samples, $"method: {method}");
        job.Run();
        var without = job.Bytes("out/net.onnx");

        job.SetPolicy(SmallJob.Samples, $"method: {method}", "accuracy: { data: validation.npy, metric: cosine }");
        Assert.IsTrue(job.Run().Passed);

        Assert.AreEqual("CMP7015", job.Heard.Codes);
        CollectionAssert.AreEqual(without, job.Bytes("out/net.onnx"));
        Assert.IsNotNull(job.Report().Metric);
    }

    [TestMethod]
    public void Warnings_are_told_at_their_line_and_stand_in_the_report_without_a_path()
    {
        using var job = new SmallJob("calibration: { data: samples.npy, samples: 32 }", SmallJob.Bits);

        job.Run();

        Assert.AreEqual("CMP3101 CMP7002", job.Heard.Codes);
        Assert.AreEqual(4, job.Heard.Diagnostics[0].Location!.Line);
        Assert.IsFalse(File.ReadAllText(job["out/net.report.json"]).Contains(Path.GetDirectoryName(job.Model)!, StringComparison.Ordinal));
        Assert.IsTrue(job.Report().Warnings.Select(warning => warning[..9]).SequenceEqual(["CMP3101: ", "CMP7002: "]));
    }

    [TestMethod]
    public void The_bytes_do_not_depend_on_the_number_of_threads()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, "budget: { size: 2.5x }");
        job.Run(threads: 1);
        var one = job.Bytes("out/net.onnx");
        File.Delete(job.LockFile);
        job.Run(threads: 2);
        CollectionAssert.AreEqual(one, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    public void Without_quantization_channels_go_and_weights_stay_float()
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.1 }", "quantize: none", "budget: { macs: 1.5x }");

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);

        var report = job.Report();
        Assert.IsTrue(report.Macs.Factor >= 1.5);
        Assert.IsTrue(report.Layers.All(layer => layer.WeightBits is null && layer.Reason == "the policy asks for no quantization"));
        Assert.IsTrue(report.Layers.Any(layer => layer.Channels is { } kept && kept.EndsWith("/64", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Quant_nodes_are_written_for_qonnx_whatever_their_size_and_the_gate_is_measured_on_them()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, "quantize: { weights: 3, activations: 6 }", "target: qonnx");
        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        StringAssert.Contains(System.Text.Encoding.Latin1.GetString(job.Bytes("out/net.onnx")), "qonnx.custom_op.general");
        var first = job.Bytes("out/net.onnx");
        Assert.IsTrue(job.Run(locked: true).Passed, job.Heard.Codes);
        CollectionAssert.AreEqual(first, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    [DataRow("out", true)]
    [DataRow("out/net.report.json", false)]
    [DataRow("out/net.report.html", false)]
    [DataRow("compress.lock.json", false)]
    public void A_place_that_can_not_be_written_is_an_error_and_nothing_is_left(string place, bool isFile)
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        if (isFile) File.WriteAllText(job[place], "in the way");
        else Directory.CreateDirectory(job[place]);

        Assert.AreEqual("CMP8001", job.Fails().Code);
        CollectionAssert.AreEqual(isFile ? new[] { place } : [], job.Made().ToArray());
    }

    [TestMethod]
    public void Samples_that_make_a_layer_infinite_are_an_error_that_names_it()
    {
        using var job = new SmallJob("calibration: { data: samples.npy, preprocess: { scale: 1e38 } }", SmallJob.Bits);

        var error = job.Fails();

        Assert.AreEqual(("CMP4001", 3), (error.Code, error.Location!.Line));
        StringAssert.Contains(error.Message, "layer 'conv");
        Assert.AreEqual(0, job.Made().Count);
    }

    [TestMethod]
    public void An_output_that_the_model_lacks_is_an_error_at_its_line_before_anything_runs()
    {
        using var job = new SmallJob(SmallJob.Samples, "accuracy:", "  data: validation.npy", "  metric: cosine", "  output: nothing");

        Assert.AreEqual(("CMP7006", 8), (job.Fails().Code, job.Fails().Location!.Line));
        Assert.AreEqual(0, job.Heard.Stages.Count);
    }

    [TestMethod]
    public void A_model_without_samples_is_compressed_by_its_weights_alone_and_both_are_told()
    {
        using var job = new SmallJob("quantize: { weights: 8 }");

        Assert.IsTrue(job.Run().Passed);
        Assert.AreEqual("CMP5002 CMP7002", job.Heard.Codes);
        Assert.IsTrue(job.Report().Size.Factor > 1);
    }

    [TestMethod]
    public void Values_that_are_no_tensors_are_kept_and_compared_on_the_others()
    {
        var builder = new ModelBuilder().Input("input", -1, 1, 8, 8).Conv(16, 3).Relu().Conv(24, 3).Relu().GlobalPool().Flatten();
        string Number(long value) => builder.Constant(Tensor.Of([value]).Reshape());
        builder.Op("ConcatFromSequence", [builder.Op("SplitToSequence", [builder.Last, Number(12)], node => node.Set("axis", 1))], node => node.Set("axis", 1));
        builder.Dense(40, inFeatures: 24);
        builder.Output(builder.Op("Softmax", [builder.Last]));
        builder.Graph.Outputs.Add(new() { Name = builder.Op("SplitToSequence", [builder.Last]), Type = new() { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = 1 } } } } });
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, "budget: { size: 4x }");

        Assert.IsTrue(job.SetModel(builder.Build()).Run().Passed);

        CollectionAssert.AreEqual(builder.Graph.Outputs.Select(output => output.Name).ToArray(), OnnxReader.Read(job.Output).Graph.Outputs.Select(output => output.Name).ToArray());
    }

    [TestMethod]
    public void A_provider_that_the_library_lacks_is_an_error_at_its_line()
    {
        using var job = new SmallJob(SmallJob.Samples, "provider: tensorrt");

        var error = job.Fails();

        Assert.AreEqual(("CMP0013", 5), (error.Code, error.Location!.Line));
        StringAssert.Contains(error.Message, "CPUExecutionProvider");
        Assert.IsTrue(job.SetPolicy(SmallJob.Samples, "provider: cpu").Run().Passed);
    }

    [TestMethod]
    public void A_run_that_is_cancelled_leaves_nothing()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => job.Run(cancellation: cancellation.Token, onStage: stage =>
        {
            if (stage.StartsWith("calibrated", StringComparison.Ordinal)) cancellation.Cancel();
        }));
        Assert.AreEqual(0, job.Made().Count);
    }
}
