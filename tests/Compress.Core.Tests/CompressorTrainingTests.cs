using System.Text.Json.Nodes;

namespace Compress.Core.Tests;

/// <summary>`train:` in a policy: the plan that was found is carried out with trained weights, which the lock file names and the cache keeps.</summary>
[TestClass]
public sealed class CompressorTrainingTests
{
    private const string Bits = "quantize: { weights: 2, activations: 4, rounding: nearest }", Train = "train: { data: samples.npy, epochs: 60 }";

    [TestMethod]
    [DataRow(35, 42, true, false)]
    [DataRow(42, 35, true, true)]
    [DataRow(0.1, 0.2, false, true)]
    [DataRow(0.2, 0.1, false, false)]
    [DataRow(double.NaN, 1, true, false)]
    [DataRow(1, double.NaN, true, true)]
    [DataRow(double.PositiveInfinity, double.PositiveInfinity, true, true)]
    public void What_training_made_worse_is_not_shipped(double trained, double untrained, bool higherIsBetter, bool ships) =>
        Assert.AreEqual(ships, TrainingJob.IsNoWorse(trained, untrained, higherIsBetter));

    [TestMethod]
    public void Training_brings_the_metric_nearer_to_the_float_model()
    {
        using var plain = new SmallJob(SmallJob.Samples, SmallJob.Gate, Bits);
        using var trained = new SmallJob(SmallJob.Samples, SmallJob.Gate, Bits, Train);
        plain.Run();
        trained.Run();

        Assert.IsGreaterThan(plain.Report().Metric!.Compressed, trained.Report().Metric!.Compressed);
        Assert.IsTrue(trained.Heard.Stages.Any(stage => stage.StartsWith("trained epoch 60", StringComparison.Ordinal)), string.Join('\n', trained.Heard.Stages));
    }

    [TestMethod]
    public void Ends_of_blocks_teach_too()
    {
        using var outputs = new SmallJob(SmallJob.Samples, SmallJob.Gate, Bits, Train);
        using var features = new SmallJob(SmallJob.Samples, SmallJob.Gate, Bits, Train.Replace(" }", ", features: true }", StringComparison.Ordinal));
        outputs.Run();
        features.Run();

        Assert.IsGreaterThan(0.9, features.Report().Metric!.Compressed);
        CollectionAssert.AreNotEqual(outputs.Bytes("out/net.onnx"), features.Bytes("out/net.onnx"));
    }

    /// <summary>There are no grids to learn: weights alone are few bits then.</summary>
    [TestMethod]
    public void A_published_form_trains_without_calibration_too()
    {
        using var job = new SmallJob(SmallJob.Gate, "method: pic-pq", "train: { data: samples.npy, epochs: 1 }");

        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
    }

    [TestMethod]
    public void What_training_makes_no_use_of_is_a_warning()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, Bits, "train: { data: samples.npy, epochs: 1, cutout: 0.3 }", "reconstruct: 30");

        job.Run();

        StringAssert.Contains(job.Heard.Codes, "CMP4507");
        StringAssert.Contains(job.Heard.Codes, "CMP4508");
    }

    [TestMethod]
    public void A_locked_build_takes_the_trained_weights_from_the_cache()
    {
        using var job = new SmallJob(SmallJob.Samples, Bits, Train);
        job.Run(cached: true);
        var (model, trained) = (job.Bytes("out/net.onnx"), Trained(job));
        foreach (var file in Directory.GetFiles(job["cache"], "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith(trained, StringComparison.Ordinal))) File.Delete(file);

        job.Run(locked: true, cached: true);

        Assert.IsFalse(job.Heard.Stages.Any(stage => stage.StartsWith("training", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    public void Without_the_weights_a_locked_build_says_so_and_another_trains_again()
    {
        using var job = new SmallJob(SmallJob.Samples, Bits, Train);
        job.Run();
        var (model, trained) = (job.Bytes("out/net.onnx"), Trained(job));

        var error = job.Fails(locked: true);
        Assert.AreEqual("CMP5014", error.Code);
        StringAssert.Contains(error.Message, trained);

        job.Run();
        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));
        Assert.IsTrue(job.Heard.Stages.Any(stage => stage.StartsWith("training", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_lock_without_its_weights_takes_what_a_search_left_in_the_cache_and_a_cache_without_them_trains()
    {
        using var job = new SmallJob(SmallJob.Samples, Bits, Train);
        void Run(bool trains)
        {
            job.Run(cached: true);
            Assert.AreEqual(trains, job.Heard.Stages.Any(stage => stage.StartsWith("training", StringComparison.Ordinal)));
        }
        Run(trains: true);
        foreach (var file in Directory.GetFiles(job["cache"], Trained(job) + "*", SearchOption.AllDirectories)) File.Delete(file);
        Run(trains: true);
        Run(trains: false);
    }

    [TestMethod]
    public void A_file_beside_the_policy_keeps_the_weights_without_any_cache()
    {
        using var job = new SmallJob(SmallJob.Samples, Bits, "train: { data: samples.npy, epochs: 2, store: net.weights }");
        job.Run();
        var (model, trained) = (job.Bytes("out/net.onnx"), Trained(job));
        Assert.AreEqual(trained, Compress.Data.Fingerprint.Of(job.Bytes("net.weights")));

        job.Run(locked: true);
        CollectionAssert.AreEqual(model, job.Bytes("out/net.onnx"));

        File.WriteAllBytes(job["net.weights"], [1, 2, 3]);
        Assert.AreEqual("CMP5014", job.Fails(locked: true).Code);
    }

    [TestMethod]
    public void Every_way_to_learn_that_the_policy_names_gives_weights_of_its_own()
    {
        string[] ways = ["optimizer: sgd", "rate: 0.001", "schedule: step", "weight-decay: 20", "distill: true"];

        var trained = ways.Select(way =>
        {
            using var job = new SmallJob(SmallJob.Samples, Bits, $"train: {{ data: samples.npy, epochs: 20, {way} }}");
            job.Run();
            return Trained(job);
        }).ToHashSet();

        Assert.HasCount(ways.Length, trained);
    }

    private static string Trained(SmallJob job) => JsonNode.Parse(File.ReadAllText(job.LockFile))!["models"]!.AsObject().Single().Value!["plan"]!["trained"]!.GetValue<string>();
}
