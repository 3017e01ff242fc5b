using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>The lock file: what was found once is only applied from then on, or not at all.</summary>
[TestClass]
public sealed class CompressorLockTests
{
    private static readonly string[] Entry = [SmallJob.Samples, SmallJob.Gate, "budget: { size: 2x }"];

    [TestMethod]
    public void The_locked_plan_gives_the_same_bytes_without_a_search_or_a_measurement()
    {
        using var job = new SmallJob(Entry);
        job.Run();
        var (model, text) = (job.Bytes("out/net.onnx"), File.ReadAllText(job.LockFile));
        Edit(job, entry => entry["figures"]!["metric"]!["compressed"] = 0.9321);
        Edit(job, entry => entry["figures"]!["latency"]!["compressed"] = 123.5);

        foreach (var locked in new[] { true, false })
        {
            var result = job.Run(locked);

            CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
            Assert.AreEqual((true, ""), (result.Passed, job.Heard.Codes));
            Assert.AreEqual((0.9321, 123.5), (result.Report.Metric!.Compressed, result.Report.Latency!.Compressed), "taken from the lock file");
            Assert.IsFalse(job.Heard.Stages.Any(stage => stage.Contains("measuring", StringComparison.Ordinal)));
        }
        StringAssert.Contains(text, "\"machine\": ");
    }

    [TestMethod]
    public void Figures_that_lack_a_part_are_told_as_that()
    {
        using var job = new SmallJob(Entry);
        job.Run();
        Edit(job, entry => entry["figures"]!.AsObject().Remove("machine"));

        var error = job.Fails(locked: true);

        Assert.AreEqual("CMP8004", error.Code);
        StringAssert.Contains(error.Message, "lack 'machine'");
    }

    [TestMethod]
    public void Other_bytes_than_the_locked_ones_are_measured_again_with_a_warning()
    {
        using var job = new SmallJob(Entry);
        job.Run();
        var measured = job.Report().Metric;
        Edit(job, entry => entry["figures"]!["metric"]!["compressed"] = 0.9321);
        Edit(job, entry => entry["output"] = "other");
        var text = File.ReadAllText(job.LockFile);

        var result = job.Run(locked: true);

        Assert.AreEqual("CMP8006", job.Heard.Codes);
        Assert.AreEqual(measured, result.Report.Metric);
        Assert.AreEqual(text, File.ReadAllText(job.LockFile), "it belongs to whoever searched");
    }

    [TestMethod]
    public void Locked_mode_never_searches()
    {
        using var job = new SmallJob(Entry);
        Assert.AreEqual("CMP8002", job.Fails(locked: true).Code);
        Assert.AreEqual((0, 0), (job.Made().Count, job.Heard.Stages.Count));

        job.Run();
        File.WriteAllBytes(job["validation.npy"], NpzWriter.Npy(new ModelBuilder(seed: 9).Random(1, 64, 1, 8, 8)));
        var stale = job.Fails(locked: true);
        Assert.AreEqual("CMP8003", stale.Code);
        StringAssert.Contains(stale.Message, "changed: the validation data.");

        job.Run();
        job.SetPolicy([.. Entry, "seed: 2"]);
        StringAssert.Contains(job.Fails(locked: true).Message, "changed: the policy's seed.");
        job.Run();
        job.Run(locked: true);
        Assert.AreEqual("", job.Heard.Codes);
    }

    [TestMethod]
    public void Two_policies_in_one_folder_keep_a_plan_each()
    {
        using var job = new SmallJob(Entry);
        File.WriteAllText(job["small.yaml"], File.ReadAllText(job["compress.yaml"]).Replace("size: 2x", "size: 3x", StringComparison.Ordinal));
        CompressionRequest[] requests = [job.Request(), job.Request() with { Policy = PolicyReader.Read(job["small.yaml"]).Models[0], PolicyFile = job["small.yaml"] }];
        var models = requests.Select(request => Outcome(request, locked: false)).ToList();

        foreach (var (request, model) in requests.Zip(models)) CollectionAssert.AreEqual(model, Outcome(request, locked: true), request.PolicyFile);

        byte[] Outcome(CompressionRequest request, bool locked)
        {
            Assert.IsTrue(Compressor.Run(request with { Locked = locked }).Passed);
            return job.Bytes("out/net.onnx");
        }
    }

    [TestMethod]
    [DataRow("weights")]
    [DataRow("cuts")]
    public void A_plan_that_was_edited_into_nonsense_is_an_error(string part)
    {
        using var job = new SmallJob(Entry);
        job.Run();
        Edit(job, entry => entry["plan"]![part] = part == "cuts" ? 3 : new JsonObject { ["other"] = 8 });
        Assert.AreEqual("CMP8004", job.Fails(locked: true).Code);
    }

    [TestMethod]
    public void A_real_network_is_the_same_by_search_with_two_threads_and_by_its_lock_with_one()
    {
        const string Data = "preprocess: { scale: 1/255, mean: [0.2860], std: [0.3530] }";
        using var job = new SmallJob(
            $"calibration: {{ data: '{Repository.PathTo("testassets", "data", "fashion-mnist-calibration.npz")}', {Data} }}",
            $"accuracy: {{ data: '{Repository.PathTo("testassets", "data", "fashion-mnist-validation.npz")}', metric: top1, max-drop: 0.5 }}",
            SmallJob.Bits);
        File.Copy(Repository.PathTo("testassets", "models", "lenet5.onnx"), job.Model, overwrite: true);

        Assert.IsTrue(job.Run(threads: 2).Passed);
        var bytes = job.Bytes("out/net.onnx");
        Assert.IsTrue(job.Run(locked: true, threads: 1).Passed);

        Assert.AreEqual("", job.Heard.Codes);
        CollectionAssert.AreEqual(bytes, job.Bytes("out/net.onnx"));
        Assert.IsTrue(bytes.Length <= 440_000, $"{bytes.Length} bytes");
    }

    /// <summary>Changes the entry as a hand would.</summary>
    [TestMethod]
    public void What_a_machine_locked_that_could_not_run_the_model_is_searched_for_where_one_can()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, SmallJob.Bits);
        job.Run();
        var model = job.Bytes("out/net.onnx");
        Edit(job, entry => entry["figures"]!.AsObject().Remove("latency"));
        Edit(job, entry => entry["plan"]!["weights"] = new JsonObject());

        job.Run(locked: true);
        CollectionAssert.AreEqual(job.Bytes("net.onnx"), job.Bytes("out/net.onnx"));

        job.Run();
        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
    }

    private static void Edit(SmallJob job, Action<JsonNode> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(job.LockFile))!;
        change(root["models"]!["net.onnx"]!);
        File.WriteAllText(job.LockFile, root.ToJsonString());
    }
}
