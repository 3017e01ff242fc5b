using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Policy;

namespace Compress.Core.Tests.Emit;

[TestClass]
public sealed class LockFileTests
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder[LockFile.Name];

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void A_plan_is_found_again_while_nothing_changed()
    {
        LockFile.Write(Path, "models/a.onnx", Entry(Inputs()));
        var found = LockFile.Find(Path, "models/a.onnx", Inputs(), locked: true)!;
        Assert.AreEqual("{\"bits\":[4,8]}", found.Plan.ToJsonString());
        Assert.AreEqual("abc", found.Output);
        Assert.AreEqual(0.5, found.Figures!["drop"]!.GetValue<double>());
    }

    [TestMethod]
    public void Without_locked_mode_a_plan_that_does_not_fit_means_a_search()
    {
        Assert.IsNull(LockFile.Find(Path, "a", Inputs(), locked: false));
        LockFile.Write(Path, "a", Entry(Inputs()));
        Assert.IsNull(LockFile.Find(Path, "b", Inputs(), locked: false));
        Assert.IsNull(LockFile.Find(Path, "a", Inputs(seed: 2), locked: false));
    }

    [TestMethod]
    public void Locked_mode_refuses_to_search_and_says_what_changed()
    {
        Assert.AreEqual("CMP8002", Fails(Inputs()).Code);
        LockFile.Write(Path, "a", Entry(Inputs()));
        foreach (var (inputs, what) in new[]
        {
            (Inputs(seed: 2), "the policy's seed"),
            (Inputs(samples: 64), "the policy's calibration.samples"),
            (Inputs() with { Tool = "9.9.9" }, "the tool's version (1.0.0, now 9.9.9)"),
            (Inputs(model: "other"), "the model"),
        })
        {
            var error = Fails(inputs);
            Assert.AreEqual("CMP8003", error.Code);
            StringAssert.Contains(error.Message, $"changed: {what}.");
        }
    }

    [TestMethod]
    [DataRow("CMP8004", "<<<<<<< HEAD\n{")]
    [DataRow("CMP8004", "")]
    [DataRow("CMP8004", "{ \"version\": 1, \"version\": 1, \"models\": {} }")]
    [DataRow("CMP8004", "{ \"version\": 1, \"models\": { \"a\": {}, \"a\": {} } }")]
    [DataRow("CMP8004", "[]")]
    [DataRow("CMP8004", "{ \"models\": {} }")]
    [DataRow("CMP8004", "{ \"version\": 1 }")]
    [DataRow("CMP8004", "{ \"version\": 1, \"models\": { \"a\": { \"tool\": 3 } } }")]
    [DataRow("CMP8004", "{ \"version\": 1, \"models\": { \"a\": { \"tool\": \"1\", \"policy\": {}, \"files\": {}, \"plan\": [], \"output\": \"\" } } }")]
    [DataRow("CMP8004", "{ \"version\": 1, \"models\": { \"a\": { \"tool\": \"1\", \"policy\": {}, \"files\": {}, \"plan\": {}, \"figures\": \"x\", \"output\": \"\" } } }")]
    [DataRow("CMP8005", "{ \"version\": 2, \"models\": {} }")]
    public void A_lock_file_that_can_not_be_read_is_an_error_in_any_mode(string code, string text)
    {
        File.WriteAllText(Path, text);
        Assert.AreEqual(code, Fails(Inputs(), locked: false).Code);
        Assert.AreEqual(code, Fails(Inputs()).Code);
    }

    [TestMethod]
    public void The_line_of_a_merge_conflict_is_named()
    {
        File.WriteAllText(Path, "{\n  \"version\": 1,\n<<<<<<< HEAD\n");
        Assert.AreEqual(3, Fails(Inputs()).Location!.Line);
    }

    [TestMethod]
    public async Task A_lock_file_that_another_program_has_open_is_waited_for()
    {
        LockFile.Write(Path, "a", Entry(Inputs()));
        var held = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var found = Task.Factory.StartNew(() => LockFile.Find(Path, "a", Inputs(), locked: true), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(200);
        held.Dispose();
        Assert.IsNotNull(await found);

        using var kept = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Parallel.Invoke(
            () => Assert.AreEqual("CMP8009", Fails(Inputs()).Code),
            () => Assert.AreEqual("CMP8009", Assert.ThrowsExactly<CompressionException>(() => LockFile.Write(Path, "a", Entry(Inputs()))).Diagnostic.Code));
    }

    [TestMethod]
    public void Builds_that_write_at_the_same_time_lose_nothing()
    {
        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => LockFile.Write(Path, $"model{i:D2}.onnx", Entry(Inputs())));
        for (var i = 0; i < 24; i++) Assert.IsNotNull(LockFile.Find(Path, $"model{i:D2}.onnx", Inputs(), locked: true));
    }

    [TestMethod]
    public void The_text_does_not_depend_on_the_order_of_writing()
    {
        foreach (var key in new[] { "b", "a", "c", "a" }) LockFile.Write(Path, key, Entry(Inputs()));
        var text = File.ReadAllText(Path);
        File.Delete(Path);
        foreach (var key in new[] { "c", "b", "a" }) LockFile.Write(Path, key, Entry(Inputs()));
        Assert.AreEqual(text, File.ReadAllText(Path));
        Assert.IsFalse(text.Contains('\r'));
    }

    [TestMethod]
    [DataRow("a", DisplayName = "the same again")]
    [DataRow("b", DisplayName = "one more model")]
    public void Writing_does_not_make_the_file_look_new(string key)
    {
        var (first, checkedOut) = (DateTime.UtcNow.AddDays(-2), DateTime.UtcNow.AddDays(-1));
        LockFile.Write(Path, "a", Entry(Inputs()), first);
        Assert.IsLessThan(1, (File.GetLastWriteTimeUtc(Path) - first).Duration().TotalSeconds);
        File.SetLastWriteTimeUtc(Path, checkedOut);
        LockFile.Write(Path, key, Entry(Inputs()), first);
        Assert.IsLessThan(1, (File.GetLastWriteTimeUtc(Path) - checkedOut).Duration().TotalSeconds);
    }

    [TestMethod]
    public void Models_are_named_by_their_path_from_the_lock_file()
    {
        var policy = new ModelPolicy { Model = new(folder["models/a.onnx"], new("")) };
        string Key(ModelPolicy of, string policyFile = "compress.yaml") => LockFile.Key(Path, of, folder[policyFile]);
        Assert.AreEqual("models/a.onnx", Key(policy));
        Assert.AreEqual("models/a.onnx", LockFile.Key(Path, policy, policyFile: null));
        Assert.AreEqual("models/a.onnx > small/a.onnx", Key(policy with { Output = "small/a.onnx" }));
        Assert.AreEqual("models/a.onnx (Debug, Release)", Key(policy with { When = ["Release", "Debug"] }));
        Assert.AreEqual("models/a.onnx > small/a.onnx (Release)", Key(policy with { Output = "small/a.onnx", When = ["Release"] }));
        Assert.AreEqual("models/a.onnx by small.yaml", Key(policy, "small.yaml"));
        Assert.AreEqual("models/a.onnx (Release) by policies/small.yaml", Key(policy with { When = ["Release"] }, "policies/small.yaml"));
    }

    [TestMethod]
    public void A_plan_that_gives_other_bytes_elsewhere_is_a_warning() =>
        Assert.AreEqual(("CMP8006", Severity.Warning), (Codes.LockOutputDiffers(Path, "a").Code, Codes.LockOutputDiffers(Path, "a").Severity));

    private Diagnostic Fails(LockInputs inputs, bool locked = true) =>
        Assert.ThrowsExactly<CompressionException>(() => LockFile.Find(Path, "a", inputs, locked)).Diagnostic;

    private static LockInputs Inputs(int seed = 1, int samples = 512, string model = "m") => new(
        "1.0.0",
        new JsonObject { ["seed"] = seed, ["calibration"] = new JsonObject { ["samples"] = samples } },
        new Dictionary<string, string> { ["model"] = model, ["calibration data"] = "c" });

    private static LockEntry Entry(LockInputs inputs) =>
        new(inputs, new JsonObject { ["bits"] = new JsonArray(4, 8) }, new JsonObject { ["drop"] = 0.5 }, "abc");
}
