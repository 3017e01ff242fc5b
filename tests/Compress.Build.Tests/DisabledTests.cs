using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class DisabledTests
{
    [TestMethod]
    public void The_float_model_ships_untouched_and_the_tool_is_not_started()
    {
        var project = TempProject.WithModel();

        project.Build("-p:CompressEnabled=false").Expect(0);

        Assert.AreEqual("weights", project.Read(TempProject.Bin("models/net.onnx")));
        Assert.AreEqual(0, project.TakeCalls().Count);

        project.Build().Expect(0);
        Assert.AreEqual("compressed:weights", project.Read(TempProject.Bin("models/net.onnx")));

        project.Build("-p:CompressEnabled=false").Expect(0);
        Assert.AreEqual("weights", project.Read(TempProject.Bin("models/net.onnx")), "although the compressed model there is newer");

        project.TakeCalls();
        project.Build().Expect(0);
        Assert.AreEqual("compressed:weights", project.Read(TempProject.Bin("models/net.onnx")));
        Assert.AreEqual(0, project.TakeCalls().Count, "what was compressed before is still there");
    }

    [TestMethod]
    public void A_project_without_models_runs_nothing_of_the_package()
    {
        var project = new TempProject();

        var run = project.Build().Expect(0);

        Assert.AreEqual(0, run.Log.Executions("CompressModel") + run.Log.Executions("ReplayDiagnostics"));
        Assert.IsFalse(Directory.Exists(project.PathTo(TempProject.Obj(""))));
    }
}
