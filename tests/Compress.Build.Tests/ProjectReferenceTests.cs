using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class ProjectReferenceTests
{
    [TestMethod]
    public void Models_of_libraries_reach_the_application_also_in_parallel_and_isolated_builds()
    {
        var root = TempRoot.NewFolder("tree");
        File.WriteAllText(Path.Combine(root, "shared.onnx"), "shared");
        var first = Library("first");
        var second = Library("second");
        var app = new TempProject("app", within: root).SetProject($"""<ProjectReference Include="{first.ProjectFile}" /><ProjectReference Include="{second.ProjectFile}" />""", package: false);

        app.Build("-m", "-mt").Expect(0);
        Assert.AreEqual("compressed:shared", app.Read(TempProject.Bin("first/net.onnx")));
        Assert.AreEqual("compressed:shared", app.Read(TempProject.Bin("second/net.onnx")));

        File.WriteAllText(Path.Combine(root, "shared.onnx"), "changed");
        app.Build("-graph", "-isolate").Expect(0);
        Assert.AreEqual("compressed:changed", app.Read(TempProject.Bin("first/net.onnx")));

        TempProject Library(string name)
        {
            var library = new TempProject(name, within: root).SetProject($"""<CompressModel Include="../shared.onnx" TargetPath="{name}/net.onnx" />""", "<OutputType>Library</OutputType>");
            library.Write("compress.yaml", "");
            return library;
        }
    }
}
