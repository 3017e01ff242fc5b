using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class FirstBuildTests
{
    [TestMethod]
    public void The_output_holds_the_compressed_model_in_place_of_the_float_one()
    {
        Assert.AreEqual("compressed:weights", SharedBuild.Project.Read(TempProject.Bin("models/net.onnx")));
        Assert.AreEqual(1, Directory.GetFiles(SharedBuild.Project.PathTo("bin"), "*.onnx", SearchOption.AllDirectories).Length);
    }

    [TestMethod]
    public void The_tool_starts_once_for_the_model() => CollectionAssert.AreEqual(new[] { "net.onnx" }, SharedBuild.First.Calls.ToArray());

    [TestMethod]
    public void The_stages_show_at_normal_verbosity() => StringAssert.Contains(SharedBuild.First.Run.Text, "stage: reading");

    [TestMethod]
    public void The_binary_log_carries_the_policy_and_the_report()
    {
        var files = SharedBuild.First.Run.Log.EmbeddedFiles;

        Assert.IsTrue(files.Any(file => file.EndsWith("compress.yaml", StringComparison.Ordinal)), string.Join('\n', files));
        Assert.IsTrue(files.Any(file => file.EndsWith("net.onnx.report.json", StringComparison.Ordinal)), string.Join('\n', files));
    }
}
