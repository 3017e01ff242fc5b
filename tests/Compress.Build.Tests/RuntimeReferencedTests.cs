using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class RuntimeReferencedTests
{
    [TestMethod]
    public void The_tool_is_told_the_version_of_ONNX_Runtime_itself_that_the_project_references()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);
        project.TakeCalls();

        // The feed has none of them: they are there once everything is restored.
        project.SetProject("""
            <CompressModel Include="models/net.onnx" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.20.1" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime.Extensions" Version="0.14.0" />
            <PackageReference Include="Microsoft.ML.OnnxRuntimeGenAI" Version="0.8.3" />
            """);
        project.Build().Expect(0);
        Assert.AreEqual("1.20.1", project.TakeOption("--onnxruntime"));

        project.SetProject("""
            <CompressModel Include="models/net.onnx" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime.Gpu" />
            <PackageVersion Include="Microsoft.ML.OnnxRuntime.Gpu" Version="1.22.0" />
            <PackageVersion Include="Microsoft.ML.OnnxRuntime.DirectML" Version="1.15.0" />
            """);
        project.Build().Expect(0);
        Assert.AreEqual("1.22.0", project.TakeOption("--onnxruntime"));

        project.SetProject("""
            <CompressModel Include="models/net.onnx" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" VersionOverride="1.16.3" />
            <PackageVersion Include="Microsoft.ML.OnnxRuntime" Version="1.24.0" />
            """);
        project.Build().Expect(0);
        Assert.AreEqual("1.16.3", project.TakeOption("--onnxruntime"));
    }
}
