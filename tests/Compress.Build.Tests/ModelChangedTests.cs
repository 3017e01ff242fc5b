using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class ModelChangedTests
{
    [TestMethod]
    public void Of_two_models_only_the_changed_one_is_compressed_again()
    {
        var project = TempProject.WithModel();
        project.Write("models/other.onnx", "other");
        project.SetProject("""<CompressModel Include="models/*.onnx" />""");
        project.Build().Expect(0);
        CollectionAssert.AreEqual(new[] { "net.onnx", "other.onnx" }, project.TakeCalls().ToArray());

        project.Write("models/net.onnx", "changed");
        project.Build().Expect(0);

        CollectionAssert.AreEqual(new[] { "net.onnx" }, project.TakeCalls().ToArray());
        Assert.AreEqual("compressed:changed", project.Read(TempProject.Bin("models/net.onnx")));
        Assert.AreEqual("compressed:other", project.Read(TempProject.Bin("models/other.onnx")));
    }
}
