using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class MissedGateTests
{
    [TestMethod]
    public void It_is_one_error_at_the_line_of_the_policy_and_nothing_is_put_in_place()
    {
        var project = TempProject.WithModel("", "miss");

        var run = project.Build().Expect(1);

        var error = run.Log.Errors.Single();
        Assert.AreEqual(("CMP7001", project.PathTo("compress.yaml"), 2), (error.Code, error.File, error.Line));
        Assert.IsFalse(project.Has(TempProject.Obj("models/net.onnx")));
        Assert.IsFalse(project.Has(TempProject.Bin("models/net.onnx")));
    }

    [TestMethod]
    public void A_tool_that_dies_without_a_word_is_an_error_too()
    {
        var project = TempProject.WithModel("crash");

        Assert.AreEqual("MSB6006", project.Build().Expect(1).Log.Errors.Single().Code);
    }

    [TestMethod]
    public void A_missing_policy_is_an_error()
    {
        var project = TempProject.WithModel();
        File.Delete(project.PathTo("compress.yaml"));

        Assert.AreEqual("CMP1001", project.Build().Expect(1).Log.Errors.Single().Code);
    }
}
