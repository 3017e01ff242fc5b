using Compress.Testing;

namespace Compress.Tool.Tests;

[TestClass]
public sealed class BadInputTests
{
    private readonly string folder = TempRoot.NewFolder("bad");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    [DataRow("--polic")]
    [DataRow("net.onnx", "--threads", "many")]
    [DataRow("net.onnx", "other.onnx")]
    [DataRow("@missing.txt")]
    [DataRow("compress", "--output")]
    public void Wrong_arguments_are_one_line_and_code_2(params string[] arguments)
    {
        var run = ToolRun.Of(arguments).Expect(2);

        StringAssert.StartsWith(run.Error, "compress: error CMP0003: ");
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
    }

    [TestMethod]
    public void A_mistake_in_the_policy_is_one_line_at_its_place()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("quantize", "quantise", StringComparison.Ordinal));

        var run = ToolRun.Of(model, "--policy", PathTo("compress.yaml")).Expect(2);

        StringAssert.StartsWith(run.Error, $"{PathTo("compress.yaml")}(6,5): error CMP1");
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
        CollectionAssert.AreEquivalent(new[] { "net.onnx", "samples.npy", "validation.npy", "compress.yaml" }, Directory.GetFiles(folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void The_float_model_is_never_overwritten()
    {
        var model = TinyModel.Write(folder);

        StringAssert.Contains(ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", model).Expect(2).Error, "CMP0005");
    }
}
