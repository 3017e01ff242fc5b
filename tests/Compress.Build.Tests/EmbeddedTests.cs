using Compress.Testing;

namespace Compress.Build.Tests;

/// <summary>A model that is a resource of the assembly is compressed within it, under the name that it has without this package.</summary>
[TestClass]
public sealed class EmbeddedTests
{
    private const string Program = """
        using System.Reflection;
        var own = Assembly.GetExecutingAssembly();
        foreach (var name in own.GetManifestResourceNames()) System.Console.WriteLine($"{name} {new System.IO.StreamReader(own.GetManifestResourceStream(name)!).ReadToEnd()}");
        """;

    private static readonly string[] Float = ["app.models.net.onnx weights", "given weights"];
    private static readonly string[] Compressed = ["app.models.net.onnx compressed:weights", "given compressed:weights"];

    private readonly TempProject project = TempProject.WithModel();

    public EmbeddedTests()
    {
        project.Write("models/named.onnx", "weights");
        project.Write("Program.cs", Program);
        project.SetProject("""
            <CompressModel Include="models/*.onnx" />
            <EmbeddedResource Include="models/net.onnx" />
            <EmbeddedResource Include="models\named.onnx" LogicalName="given" />
            """);
    }

    private string[] Resources => [.. project.Run(project.PathTo(TempProject.Bin("app.dll"))).Expect(0).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];

    [TestMethod]
    public void The_assembly_holds_the_compressed_models_and_no_file_lies_beside_it()
    {
        project.Build().Expect(0);

        CollectionAssert.AreEqual(Compressed, Resources);
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));
    }

    [TestMethod]
    public void It_follows_the_model_and_whether_compression_is_on()
    {
        project.Build("-p:CompressEnabled=false").Expect(0);
        CollectionAssert.AreEqual(Float, Resources);
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));

        project.Build().Expect(0);
        CollectionAssert.AreEqual(Compressed, Resources);

        project.Write("models/named.onnx", "other");
        project.Build().Expect(0);
        Assert.AreEqual("given compressed:other", Resources[1]);
        project.TakeCalls();

        project.Build().Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);
        Assert.AreEqual("given compressed:other", Resources[1]);
    }
}
