using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class OutputDeletedTests
{
    [TestMethod]
    public void A_deleted_output_comes_back()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);
        project.TakeCalls();

        File.Delete(project.PathTo(TempProject.Bin("models/net.onnx")));
        project.Build().Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count, "a copy is enough");
        Assert.IsTrue(project.Has(TempProject.Bin("models/net.onnx")));

        File.Delete(project.PathTo(TempProject.Obj("models/net.onnx")));
        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count);
        Assert.IsTrue(project.Has(TempProject.Obj("models/net.onnx")));
    }
}
