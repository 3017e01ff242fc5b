using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class PolicyChangedTests
{
    [TestMethod]
    public void An_edited_policy_compresses_again_and_once()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);
        project.TakeCalls();

        project.Write("compress.yaml", "place nets/other.onnx");
        project.Build().Expect(0);

        Assert.AreEqual(1, project.TakeCalls().Count);
        Assert.IsTrue(project.Has(TempProject.Bin("nets/other.onnx")), "the policy names the model's place");
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")), "the copy at the old place is gone");
        project.Build().Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);
        Assert.IsTrue(project.Has(TempProject.Bin("nets/other.onnx")));
    }

    [TestMethod]
    public void A_policy_that_is_edited_while_its_model_is_compressed_compresses_again_and_once()
    {
        var project = TempProject.WithModel("edit");

        foreach (var expected in new[] { 1, 1, 0 })
        {
            project.Build().Expect(0);
            Assert.AreEqual(expected, project.TakeCalls().Count);
        }
    }
}
