using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class MultiTargetingTests
{
    /// <summary>Two frameworks that need nothing but what every SDK brings along.</summary>
    internal const string Frameworks = """
        <TargetFrameworks>net10.0;net10.0-windows</TargetFrameworks>
        <TargetFramework></TargetFramework>
        <EnableWindowsTargeting>true</EnableWindowsTargeting>
        <DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>
        """;

    [TestMethod]
    public void Every_framework_has_its_own_output()
    {
        var project = TempProject.WithModel().SetProject("""<CompressModel Include="models/net.onnx" />""", Frameworks);

        project.Build("-m").Expect(0);
        Assert.AreEqual("compressed:weights", project.Read("bin/Debug/net10.0/models/net.onnx"));
        Assert.AreEqual("compressed:weights", project.Read("bin/Debug/net10.0-windows/models/net.onnx"));
        Assert.AreEqual(2, project.TakeCalls().Count);

        project.Build("-m").Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);
    }

    [TestMethod]
    public void Models_can_be_compressed_alone_for_every_framework()
    {
        var project = TempProject.WithModel().SetProject("""<CompressModel Include="models/net.onnx" />""", Frameworks);

        project.Build("-t:CompressModels").Expect(0);

        Assert.AreEqual(2, project.TakeCalls().Count);
        Assert.IsFalse(Directory.Exists(project.PathTo("bin")));
    }
}
