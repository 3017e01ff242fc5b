using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Core.Tests;

/// <summary>The cache: a result that was found once, in whatever project, is there at once.</summary>
[TestClass]
public sealed class CompressorCacheTests
{
    private static readonly string[] Entry = ["calibration: { data: samples.npy, samples: 32 }", SmallJob.Gate, SmallJob.Bits];

    [TestMethod]
    public void A_hit_gives_the_same_files_without_opening_the_model()
    {
        using var job = new SmallJob(Entry);
        job.Run(cached: true);
        string[] names = ["out/net.onnx", "out/net.report.json", "compress.lock.json"];
        var before = names.Select(job.Bytes).ToList();
        foreach (var name in names) File.Delete(job[name]);

        var result = job.Run(cached: true);

        Assert.AreEqual("net.onnx: found in the cache", string.Join(';', job.Heard.Stages));
        Assert.AreEqual(("CMP3101", 3), (job.Heard.Codes, job.Heard.Diagnostics[0].Location!.Line), "warnings are told again");
        foreach (var (name, bytes) in names.Zip(before)) CollectionAssert.AreEqual(bytes, job.Bytes(name), name);
        CollectionAssert.AreEqual(new[] { job.Model, job["samples.npy"], job["validation.npy"] }, result.FilesRead.ToArray());
    }

    [TestMethod]
    public void A_locked_build_takes_it_too()
    {
        using var job = new SmallJob(Entry);
        job.Run(cached: true);
        var bytes = job.Bytes("out/net.onnx");
        job.Run(locked: true, cached: true);
        Assert.AreEqual(1, job.Heard.Stages.Count);
        CollectionAssert.AreEqual(bytes, job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)] // the lock file alone tells the second one what was found
    public async Task Of_two_builds_at_a_time_the_second_waits_for_what_the_first_finds(bool cached)
    {
        using var job = new SmallJob(Entry);
        using var waits = new ManualResetEventSlim();
        var second = new Heard { OnStage = text => { if (text.Contains("waiting for another build", StringComparison.Ordinal)) waits.Set(); } };
        Task<CompressionResult>? other = null;

        job.Run(cached: cached, onStage: _ =>
        {
            if (other is not null) return;
            other = Beside(() => Compressor.Run(job.Request() with { Reporter = second, CacheFolder = cached ? job["cache"] : null, Output = job["other/net.onnx"], Report = job["other/net.report.json"] }));
            Assert.IsTrue(waits.Wait(TimeSpan.FromMinutes(1)));
        });

        Assert.IsTrue((await other!).Passed);
        CollectionAssert.AreEqual(job.Bytes("out/net.onnx"), job.Bytes("other/net.onnx"));
        var expected = cached ? "found in the cache" : "the locked plan gives the same bytes";
        Assert.IsTrue(second.Stages.Exists(text => text.Contains(expected, StringComparison.Ordinal)), string.Join('\n', second.Stages));
    }

    [TestMethod]
    public async Task A_build_that_waits_can_be_cancelled()
    {
        using var job = new SmallJob(Entry);
        using var cancel = new CancellationTokenSource();
        var second = new Heard { OnStage = _ => cancel.Cancel() };
        Task<CompressionResult>? other = null;

        job.Run(onStage: _ =>
        {
            if (other is not null) return;
            other = Beside(() => Compressor.Run(job.Request() with { Reporter = second }, cancel.Token));
            Assert.IsTrue(SpinWait.SpinUntil(() => other.IsCompleted, TimeSpan.FromMinutes(1)));
        });

        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => other!);
        StringAssert.Contains(second.Stages.Single(), "waiting for another build", StringComparison.Ordinal);
    }

    /// <summary>On a thread of its own: those of the pool may all be at work for other tests, and what a blocked one starts comes last.</summary>
    private static Task<CompressionResult> Beside(Func<CompressionResult> build) => Task.Factory.StartNew(build, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [TestMethod]
    public void Another_policy_other_data_or_another_model_is_a_miss()
    {
        using var job = new SmallJob(Entry);
        job.Run(cached: true);
        job.SetPolicy([.. Entry, "seed: 2"]);
        job.Run(cached: true);
        Assert.IsTrue(job.Heard.Stages.Count > 1);
        File.Copy(job["validation.npy"], job["samples.npy"], overwrite: true);
        job.Run(cached: true);
        Assert.IsTrue(job.Heard.Stages.Count > 1);
    }

    [TestMethod]
    public void What_misses_its_gate_misses_it_again()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Bits, "accuracy: { data: validation.npy, metric: cosine, min: 1 }");
        Assert.IsFalse(job.Run(cached: true).Passed);
        Assert.IsFalse(job.Run(cached: true).Passed);
        Assert.AreEqual((1, "CMP7001"), (job.Heard.Stages.Count, job.Heard.Codes));
    }

    [TestMethod]
    public void The_float_model_is_measured_once_for_all_compressions()
    {
        using var folder = new TemporaryFolder();
        var (cache, key, counting) = (new ResultCache(folder.Path), Fingerprint.Of("float"), new CountingEvaluator());

        var first = new RememberedEvaluator(counting, cache, key).MeasureFloat(default);
        var second = new RememberedEvaluator(counting, cache, key).MeasureFloat(default);

        Assert.AreEqual(1, counting.Runs);
        Assert.AreEqual((first.Value, first.Samples, first.StandardError), (second.Value, second.Samples, second.StandardError));
        Assert.AreEqual(first.Minus(new(80, 2, 0) { Contributions = [70, 90] }).Margin, second.Minus(new(80, 2, 0) { Contributions = [70, 90] }).Margin, "paired with each sample");
        Assert.AreEqual(7, new RememberedEvaluator(counting, cache, key).Measure([], default).Value);
    }

    [TestMethod]
    public void What_a_program_measures_is_never_taken_from_the_cache()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Bits, "accuracy: { metric: command, command: \"echo {model}\" }");
        var request = new CompressionRequest { Policy = PolicyReader.Read(job["compress.yaml"]).Models[0], Output = job.Output, CacheFolder = job["cache"] };
        var cache = new OutcomeCache(request, CompressionInputs.Read(request, default).Fingerprints);
        cache.Keep(new Outcome([1], CompressionPlan.Untouched([]), new Report { Model = "", Method = "", Target = "", Size = new(1, 1), Macs = new(1, 1), Bops = new(1, 1, "") }, ""), plan: null);
        Assert.IsNull(cache.Find(plan: null));
    }

    private sealed class CountingEvaluator : IEvaluator
    {
        public int Runs { get; private set; }

        public MetricValue MeasureFloat(CancellationToken cancellation)
        {
            Runs++;
            return new MetricValue(90, 2, 0.5) { Contributions = [85, 95] };
        }

        public MetricValue Measure(byte[] model, CancellationToken cancellation) => new(7, 2, 0);

        public void Dispose() { }
    }
}
