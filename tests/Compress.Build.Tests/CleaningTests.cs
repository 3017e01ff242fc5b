using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class CleaningTests
{
    [TestMethod]
    public void Clean_leaves_nothing_models_can_be_compressed_alone_and_rebuild_compresses_again()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);

        project.Run("clean", project.ProjectFile).Expect(0);
        Assert.IsFalse(Directory.Exists(project.PathTo(TempProject.Obj(""))));
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));

        project.TakeCalls();
        project.Build("-t:CompressModels").Expect(0);
        Assert.IsTrue(project.Has(TempProject.Obj("models/net.onnx")));
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));

        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count);
        project.Build("-t:Rebuild").Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count);
        Assert.IsTrue(project.Has(TempProject.Bin("models/net.onnx")));
    }
}
