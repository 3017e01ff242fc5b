using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class OddPathsTests
{
    [TestMethod]
    public void Names_may_have_spaces_accents_quotes_signs_and_semicolons()
    {
        string[] names = ["a b.onnx", "é.onnx", "@file.onnx", "o'clock.onnx", "x;y.onnx", "100%25.onnx", "#1 (copy) & more.onnx", "-v.onnx", "$(HOME).onnx"];
        var project = new TempProject("it's é (1) @home", within: TempRoot.NewFolder("odd & paths"));
        project.Write("compress.yaml", "read calibration; data.npz");
        project.Write("calibration; data.npz", "");
        foreach (var name in names) project.Write("models/" + name, name);
        project.SetProject("""<CompressModel Include="models/**" />""", "<AssemblyName>app</AssemblyName>");

        project.Build().Expect(0);
        foreach (var name in names) Assert.AreEqual("compressed:" + name, project.Read(TempProject.Bin("models/" + name)));
        Assert.AreEqual(names.Length, project.TakeCalls().Count);

        project.Build().Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);
    }
}
