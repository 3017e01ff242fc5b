using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class ModelRemovedTests
{
    [TestMethod]
    public void Its_output_goes_and_the_others_stay_as_they_are()
    {
        var project = TempProject.WithModel();
        project.Write("models/other.onnx", "other");
        project.SetProject("""<CompressModel Include="models/*.onnx" />""");
        project.Build().Expect(0);
        project.TakeCalls();

        File.Delete(project.PathTo("models/net.onnx"));
        project.Build().Expect(0);

        Assert.AreEqual(0, project.TakeCalls().Count);
        Assert.IsFalse(project.Has(TempProject.Obj("models/net.onnx")));
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));
        Assert.IsTrue(project.Has(TempProject.Bin("models/other.onnx")));
    }
}
