using System.Diagnostics;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Policy;

namespace Compress.Core.Tests.Evaluate;

/// <summary>The metric that a program of the user measures. The programs are shell scripts, so these run where there is a shell.</summary>
[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class CommandMetricTests
{
    [TestMethod]
    public void The_last_line_that_is_not_empty_is_the_number()
    {
        Assert.AreEqual(-148.93, Run("echo 7; echo -148.93; echo; echo ' '"));
        Assert.AreEqual(1500, Run("echo 1.5e3"));
    }

    [TestMethod]
    public void The_program_sees_the_model_as_a_file_and_nothing_is_left_of_it()
    {
        var note = Path.GetTempFileName();
        Assert.AreEqual(5, Run($"echo $0 > {note}; wc -c < $0"));
        Assert.IsFalse(File.Exists(File.ReadAllText(note).Trim()));
        File.Delete(note);
    }

    [TestMethod]
    public void The_float_model_is_measured_once()
    {
        var counter = Path.GetTempFileName();
        using var evaluator = Evaluator.For(Policy($"echo run >> {counter}; wc -l < {counter}"), (byte[])[1], null, 1)!;
        Assert.AreEqual(evaluator.MeasureFloat().Value, evaluator.MeasureFloat().Value);
        Assert.AreEqual(2, evaluator.Measure([2]).Value);
        File.Delete(counter);
    }

    [TestMethod]
    public void It_runs_in_the_folder_of_the_policy_without_the_variables_of_a_build()
    {
        var folder = Directory.CreateTempSubdirectory();
        File.WriteAllText(Path.Combine(folder.FullName, "result.txt"), "42");
        Environment.SetEnvironmentVariable("MSBuildSDKsPathForTest", "1");
        Assert.AreEqual(42, Run("cat result.txt; test -z \"$MSBuildSDKsPathForTest\" || echo 0", folder: folder.FullName));
        folder.Delete(recursive: true);
    }

    [TestMethod]
    public void A_program_beside_the_policy_is_found_from_wherever_the_build_runs()
    {
        var folder = Directory.CreateTempSubdirectory();
        var script = Path.Combine(folder.FullName, "measure.sh");
        File.WriteAllText(script, "#!/bin/sh\necho 7\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.AreEqual("7", ChildProcess.Run(["./measure.sh"], folder.FullName, TimeSpan.FromMinutes(1), default).LastLine);
        folder.Delete(recursive: true);
    }

    [TestMethod]
    public void It_is_told_of_what_its_compression_and_those_around_keep_others_from_doing()
    {
        Environment.SetEnvironmentVariable("COMPRESS_TURNS", "outer");
        using var mark = new MemoryStream();
        using (Turns.Hold("middle", Turns.Hold("inner", mark)))
        {
            Assert.AreEqual("outer inner middle", Told());
            Assert.IsTrue(Turns.IsAround("outer") && !Turns.IsAround("inner"), "what this process does can be waited for");
        }
        Assert.AreEqual("outer", Told());
        Environment.SetEnvironmentVariable("COMPRESS_TURNS", null);

        static string Told() => ChildProcess.Run(["sh", "-c", "echo $COMPRESS_TURNS"], null, TimeSpan.FromMinutes(1), default).LastLine;
    }

    [TestMethod]
    [DataRow("echo model: error CMP7014: >&2; exit 1")]
    [DataRow("echo model: error CMP7014:; echo The build failed.; exit 1")]
    [DataRow("echo model: error CMP7014:; echo The build failed.")]
    [DataRow("echo model: error CMP7014:; sleep 30", 1)]
    public void A_build_within_that_would_wait_for_this_one_is_why_it_failed(string script, int seconds = 20) =>
        Assert.AreEqual("CMP7014", Assert.ThrowsExactly<CompressionException>(() => Run(script, TimeSpan.FromSeconds(seconds))).Diagnostic.Code);

    [TestMethod]
    [DataRow("CMP7009", "echo gone wrong >&2; exit 3", "exit code 3: gone wrong")]
    [DataRow("CMP7011", "echo accuracy 93", "'accuracy 93'")]
    [DataRow("CMP7011", "echo nan", "'nan'")]
    [DataRow("CMP7011", "true", "printed nothing")]
    [DataRow("CMP7010", "sleep 30", "within 0.3 s")]
    public void What_goes_wrong_is_said_with_a_code(string code, string script, string message)
    {
        var error = Assert.ThrowsExactly<CompressionException>(() => Run(script, TimeSpan.FromSeconds(0.3 + (code == "CMP7010" ? 0 : 20)))).Diagnostic;
        Assert.AreEqual(code, error.Code);
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    [DataRow("no-such-program-anywhere {model}")]
    [DataRow("   ")]
    public void A_program_that_does_not_exist_is_named(string command)
    {
        using var evaluator = Evaluator.For(Policy("") with { Command = command }, (byte[])[], null, 1)!;
        Assert.AreEqual("CMP7008", Assert.ThrowsExactly<CompressionException>(() => evaluator.MeasureFloat()).Diagnostic.Code);
    }

    [TestMethod]
    public void At_the_time_limit_and_on_cancellation_the_whole_process_tree_ends()
    {
        var marker = Path.GetTempFileName();
        var script = $"(sleep 8; echo alive > {marker}) & wait";
        Assert.ThrowsExactly<CompressionException>(() => Run(script, TimeSpan.FromSeconds(0.2)));
        // A thread of its own cancels: a timer would wait for the pool, which the tests that run beside this one keep busy for seconds.
        using var cancellation = new CancellationTokenSource();
        new Thread(() => { Thread.Sleep(200); cancellation.Cancel(); }).Start();
        using var evaluator = Evaluator.For(Policy(script), (byte[])[], null, 1)!;
        Assert.ThrowsExactly<OperationCanceledException>(() => evaluator.MeasureFloat(cancellation.Token));

        Thread.Sleep(8500);
        Assert.AreEqual("", File.ReadAllText(marker));
        File.Delete(marker);
    }

    [TestMethod]
    public void A_server_that_the_program_leaves_behind_does_not_hold_the_result_back()
    {
        var watch = Stopwatch.StartNew();
        Assert.AreEqual(1, Run("echo 1; sleep 8 &"));
        Assert.IsTrue(watch.Elapsed < TimeSpan.FromSeconds(7));
    }

    [TestMethod]
    [DataRow("a b  c", "a|b|c")]
    [DataRow("'a b' \"c d\"", "a b|c d")]
    [DataRow("x\"y z\"w ''", "xy zw|")]
    [DataRow("\"say \\\"hi\\\"\"", "say \"hi\"")]
    [DataRow(@"C:\tools\run.exe {model}", @"C:\tools\run.exe|{model}")]
    public void A_command_line_is_split_into_words(string line, string words) =>
        Assert.AreEqual(words, string.Join('|', CommandLine.Split(line)));

    private static double Run(string script, TimeSpan? limit = null, string? folder = null)
    {
        var policy = Policy(script) with { CommandTimeout = limit ?? TimeSpan.FromSeconds(20) };
        if (folder is not null) policy = policy with { Location = new(Path.Combine(folder, "compress.yaml")) };
        using var evaluator = Evaluator.For(policy, (byte[])[1, 2, 3, 4, 5], null, 1)!;
        return evaluator.MeasureFloat().Value;
    }

    private static AccuracyPolicy Policy(string script) => new() { Location = new(""), Metric = MetricKind.Command, Command = $"sh -c '{script.Replace("'", "")}' {{model}}" };
}
