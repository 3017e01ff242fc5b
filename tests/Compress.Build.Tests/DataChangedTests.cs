using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class DataChangedTests
{
    [TestMethod]
    public void Files_that_only_the_policy_names_count_as_inputs()
    {
        var project = TempProject.WithModel("read samples.npz", "read images/", "read images/1.png");
        project.Write("samples.npz", "1");
        project.Write("images/1.png", "1");
        project.Build().Expect(0);
        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count);

        project.Write("samples.npz", "2");
        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count, "a changed file");

        project.Write("images/2.png", "1");
        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count, "a file added to a folder of samples");

        File.Delete(project.PathTo("images/2.png"));
        project.Build().Expect(0);
        project.Build().Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count, "a file removed from a folder of samples");
    }

    /// <summary>As when the compression of the second one was broken off.</summary>
    [TestMethod]
    public void A_folder_that_one_model_has_seen_may_be_new_to_another()
    {
        var project = TempProject.WithModel("read images/", "read images/1.png");
        project.Write("models/other.onnx", "weights of another");
        project.SetProject("""<CompressModel Include="models/*.onnx" />""");
        project.Write("images/1.png", "1");
        project.Build().Expect(0);
        Assert.AreEqual(2, project.TakeCalls().Count);

        project.Write("images/2.png", "1");
        File.SetLastWriteTimeUtc(project.PathTo(TempProject.Obj("models/net.onnx")), DateTime.UtcNow.AddSeconds(5));
        project.Build().Expect(0);
        CollectionAssert.Contains(project.TakeCalls().ToArray(), "other.onnx");
    }
}
