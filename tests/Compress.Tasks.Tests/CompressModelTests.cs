using Compress.Testing;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Compress.Tasks.Tests;

[TestClass]
public sealed class CompressModelTests
{
    private readonly string folder = TempRoot.NewFolder("task");
    private readonly RecordingEngine engine = new(cores: 1);

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    public void Every_parameter_becomes_an_argument_of_the_tool()
    {
        Assert.IsTrue(Execute("", task =>
        {
            task.LockFile = new TaskItem(PathTo("x.lock.json"));
            task.Cache = new TaskItem(PathTo("cache"));
            task.WorkFolder = new TaskItem(PathTo("missed"));
            task.Locked = true;
            task.Configuration = "Release";
            task.Threads = 3;
            task.Minutes = "0.5";
        }));

        string[] expected =
        [
            "compress", PathTo("net.onnx"), "--policy", PathTo("compress.yaml"), "--output", PathTo("out/net.onnx"), "--report", PathTo("out/net.onnx.report.json"),
            "--depends", PathTo("out/net.onnx.depends"), "--log", PathTo("out/net.onnx.log"), "--target", PathTo("out/net.onnx.target"),
            "--work", PathTo("missed"), "--lock", PathTo("x.lock.json"), "--cache", PathTo("cache"), "--configuration", "Release", "--threads", "3", "--minutes", "0.5", "--locked",
        ];
        CollectionAssert.AreEqual(expected, Arguments());
    }

    [TestMethod]
    public void Without_a_number_of_threads_it_takes_what_MSBuild_has_to_give_and_gives_it_back()
    {
        Assert.IsTrue(Execute(""));

        var arguments = Arguments();
        Assert.AreEqual("1", arguments[Array.IndexOf(arguments, "--threads") + 1]);
        Assert.AreEqual(0, engine.CoresInUse);
    }

    [TestMethod]
    public void The_tools_diagnostics_are_MSBuilds_and_its_last_line_stands_out()
    {
        Assert.IsTrue(Execute("warn"));

        var warning = engine.Warnings.Single();
        Assert.AreEqual(("CMP3001", PathTo("compress.yaml"), 1, "Few samples."), (warning.Code, warning.File, warning.LineNumber, warning.Message));
        var high = engine.Messages.Where(message => message.Importance == MessageImportance.High && !message.Message!.Contains("exec", StringComparison.Ordinal)).Select(message => message.Message!).ToList();
        Assert.HasCount(2, high);
        StringAssert.Contains(high[0], "a search may take minutes");
        Assert.AreEqual("net.onnx -> net.onnx", high[1]);
    }

    [TestMethod]
    [DataRow("leave", "net.onnx is left as it is: not now")]
    [DataRow("leave\nwarn", "net.onnx is left as it is: not now")]
    [DataRow("leave\nmiss", "")]
    public void Only_what_has_begun_is_announced(string policy, string expected)
    {
        Execute(policy);

        Assert.AreEqual(expected, string.Join('\n', engine.Messages.Where(message => message.Importance == MessageImportance.High && !message.Message!.Contains("exec", StringComparison.Ordinal)).Select(message => message.Message)));
    }

    [TestMethod]
    public void A_missed_gate_fails_with_the_tools_error_alone()
    {
        Assert.IsFalse(Execute("miss"));

        var error = engine.Errors.Single();
        Assert.AreEqual(("CMP7001", PathTo("compress.yaml"), 1, 3), (error.Code, error.File, error.LineNumber, error.ColumnNumber));
    }

    [TestMethod]
    public void A_host_that_does_not_exist_is_an_error()
    {
        Assert.IsFalse(Execute("", task => task.DotnetHost = PathTo("nowhere/dotnet")));

        Assert.AreEqual("MSB6004", engine.Errors.Single().Code);
    }

    [TestMethod]
    public void A_tool_that_does_not_exist_is_an_error()
    {
        Assert.IsFalse(Execute("", task => task.Tool = PathTo("nowhere.dll")));

        Assert.AreEqual("CMP0007", engine.Errors.Single().Code);
    }

    [TestMethod]
    public void A_missing_runtime_has_a_code_of_its_own()
    {
        File.Copy(Repository.Built("Compress.FakeTool", "Compress.FakeTool.dll"), PathTo("future.dll"));
        File.WriteAllText(PathTo("future.runtimeconfig.json"), """{ "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "99.0.0" } } }""");

        Assert.IsFalse(Execute("", task => task.Tool = PathTo("future.dll")));

        Assert.AreEqual("CMP0008", engine.Errors.Single().Code);
    }

    [TestMethod]
    [DataRow("CMP7001", "miss")]
    [DataRow("CMP0007", "")]
    [DataRow("MSB6006 MSB6006", "crash")]
    public void An_error_shows_once_in_a_build_of_a_project_and_fails_every_model(string expected, string policy)
    {
        for (var i = 0; i < 2; i++) Assert.IsFalse(Once("1"));
        Assert.AreEqual(expected, string.Join(' ', engine.Errors.Select(error => error.Code)));

        Assert.IsFalse(Once("2"));
        Assert.HasCount(expected.Split(' ').Length + 1, engine.Errors);

        bool Once(string name) => Execute(policy, task =>
        {
            task.Once = name;
            if (policy.Length == 0) task.Tool = PathTo("nowhere.dll");
        });
    }

    [TestMethod]
    public void Warnings_of_an_earlier_build_are_logged_again()
    {
        File.WriteAllText(PathTo("net.log"), $"{PathTo("compress.yaml")}(4,7): warning CMP3001: Few samples.\n");

        Assert.IsTrue(new ReplayDiagnostics { BuildEngine = engine, Files = [PathTo("net.log")] }.Execute());

        Assert.AreEqual(("CMP3001", 4, 7), (engine.Warnings.Single().Code, engine.Warnings.Single().LineNumber, engine.Warnings.Single().ColumnNumber));
    }

    private bool Execute(string policy, Action<CompressModel>? set = null)
    {
        File.WriteAllText(PathTo("net.onnx"), "weights");
        File.WriteAllText(PathTo("compress.yaml"), policy);
        var task = new CompressModel
        {
            BuildEngine = engine,
            Tool = Repository.Built("Compress.FakeTool", "Compress.FakeTool.dll"),
            Model = new TaskItem(PathTo("net.onnx")),
            Policy = new TaskItem(PathTo("compress.yaml")),
            Output = new TaskItem(PathTo("out/net.onnx")),
            EnvironmentVariables = [$"COMPRESS_FAKE_RECORD={PathTo("calls.txt")}"],
        };
        set?.Invoke(task);
        return task.Execute();
    }

    /// <summary>Of the one call; the fake adds its process id.</summary>
    private string[] Arguments() => File.ReadAllLines(PathTo("calls.txt")).Single().Split('\t')[..^1];
}
