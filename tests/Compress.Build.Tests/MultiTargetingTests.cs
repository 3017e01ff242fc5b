using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class MultiTargetingTests
{
    [TestMethod]
    public void Every_framework_has_its_own_output()
    {
        var project = TempProject.WithModel();
        // Two frameworks that need nothing but what every SDK brings along.
        project.SetProject("""<CompressModel Include="models/net.onnx" />""", """
            <TargetFrameworks>net10.0;net10.0-windows</TargetFrameworks>
            <TargetFramework></TargetFramework>
            <EnableWindowsTargeting>true</EnableWindowsTargeting>
            <DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>
            """);

        project.Build("-m").Expect(0);
        Assert.AreEqual("compressed:weights", project.Read("bin/Debug/net10.0/models/net.onnx"));
        Assert.AreEqual("compressed:weights", project.Read("bin/Debug/net10.0-windows/models/net.onnx"));
        Assert.AreEqual(2, project.TakeCalls().Count);

        project.Build("-m").Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);
    }
}
