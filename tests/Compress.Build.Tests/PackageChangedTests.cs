using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class PackageChangedTests
{
    [TestMethod]
    public void Another_version_of_the_package_compresses_again()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);
        project.TakeCalls();
        var version = LocalFeed.Version + ".1";
        LocalFeed.PackAs(version, LocalFeed.Folder);

        project.SetProject("""<CompressModel Include="models/net.onnx" />""", version: version);
        project.Run("build", project.ProjectFile).Expect(0);

        Assert.AreEqual(1, project.TakeCalls().Count);
    }
}
