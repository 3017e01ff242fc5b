using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class NothingChangedTests
{
    [TestMethod]
    public void The_second_build_does_not_start_the_tool() => Assert.AreEqual(0, SharedBuild.Second.Calls.Count);

    [TestMethod]
    public void The_second_build_runs_no_task_of_the_package()
    {
        Assert.AreEqual(1, SharedBuild.First.Run.Log.Executions("CompressModel"));
        Assert.AreEqual(0, SharedBuild.Second.Run.Log.Executions("CompressModel"));
        Assert.AreEqual(0, SharedBuild.Second.Run.Log.Executions("ReplayDiagnostics"));
    }

    [TestMethod]
    public void The_second_build_leaves_the_output_alone() => Assert.AreEqual(SharedBuild.First.Written, SharedBuild.Second.Written);
}
