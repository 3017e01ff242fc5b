using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class SameNameTwiceTests
{
    [TestMethod]
    public void Models_of_one_name_keep_their_folders_and_a_true_clash_is_an_error()
    {
        var root = TempRoot.NewFolder("twins");
        var project = new TempProject(within: root);
        project.Write("compress.yaml", "");
        foreach (var folder in new[] { "a", "b", "../c", "../d" }) project.Write(folder + "/net.onnx", folder);
        project.SetProject("""<CompressModel Include="a/net.onnx;b/net.onnx;a/*.onnx;../c/net.onnx" />""");
        project.Build().Expect(0);
        Assert.AreEqual("compressed:a", project.Read(TempProject.Bin("a/net.onnx")));
        Assert.AreEqual("compressed:b", project.Read(TempProject.Bin("b/net.onnx")));
        Assert.AreEqual("compressed:../c", project.Read(TempProject.Bin("net.onnx")));
        Assert.AreEqual(3, project.TakeCalls().Count);

        project.Write("a/net.compressed.onnx", "by hand");
        project.SetProject("""<CompressModel Include="**/*.onnx" />""");
        project.Build().Expect(0);
        project.Build().Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count, "what was written before is no model of a pattern");
        project.Build("-c:Release").Expect(0);
        Assert.AreEqual(2, project.TakeCalls().Count, "nor what another configuration wrote");

        project.SetProject("""<CompressModel Include="../c/net.onnx;../d/net.onnx" />""");
        var clash = project.Build().Expect(1);
        Assert.AreEqual(("CMP0001", project.ProjectFile), (clash.Log.Errors.Single().Code, clash.Log.Errors.Single().File));
        Assert.AreEqual(0, project.TakeCalls().Count, "found before any work");

        project.SetProject("""<CompressModel Include="../c/net.onnx" /><CompressModel Include="../d/net.onnx" TargetPath="d/net.onnx" />""");
        project.Build().Expect(0);
        Assert.AreEqual("compressed:../d", project.Read(TempProject.Bin("d/net.onnx")));

        project.Write("compress.yaml", "place same.onnx");
        Assert.AreEqual("CMP0002", project.Build().Expect(1).Log.Errors.Single().Code, "the policy puts both at one place");
    }

    [TestMethod]
    [DataRow("../net.onnx", "", "CMP0015")]
    [DataRow(@"a\..\..\net.onnx", "", "CMP0015")]
    [DataRow("/net.onnx", "", "CMP0015")]
    [DataRow("./app.dll", "", "CMP0016")]
    [DataRow("app.pdb", "", "CMP0016")]
    [DataRow("a/net.onnx", "place app.runtimeconfig.json", "CMP0016")]
    public void A_place_is_in_the_output_and_not_that_of_a_file_of_the_application(string place, string policy, string code)
    {
        var project = new TempProject();
        project.Write("compress.yaml", policy);
        project.Write("net.onnx", "net");
        project.SetProject($"""<CompressModel Include="net.onnx" TargetPath="{place}" />""");

        Assert.AreEqual(code, project.Build().Expect(1).Log.Errors.Single().Code);
    }

    [TestMethod]
    [DataRow("a/./net.onnx", "", "CMP0001")]
    [DataRow("b/net.onnx", @"place a\net.onnx", "CMP0002")]
    [DataRow("b/net.onnx", "place b/../a/net.onnx", "CMP0002")]
    public void One_place_may_be_written_in_several_ways(string place, string policy, string code)
    {
        var project = new TempProject();
        project.Write("compress.yaml", "");
        project.Write("other.yaml", policy);
        foreach (var folder in new[] { "a", "b" }) project.Write(folder + "/net.onnx", folder);
        project.SetProject($"""<CompressModel Include="a/net.onnx" /><CompressModel Include="b/net.onnx" TargetPath="{place}" Policy="other.yaml" />""");

        Assert.AreEqual(code, project.Build().Expect(1).Log.Errors.Single().Code);
    }
}
