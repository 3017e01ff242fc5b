using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class WarningsTests
{
    [TestMethod]
    public void A_warning_shows_in_every_build_and_can_be_raised_or_silenced()
    {
        var project = TempProject.WithModel("warn");

        var first = project.Build().Expect(0).Log.Warnings.Single();
        Assert.AreEqual(("CMP3001", project.PathTo("compress.yaml"), 1), (first.Code, first.File, first.Line));
        Assert.AreEqual(1, project.TakeCalls().Count);

        Assert.AreEqual(first, project.Build().Expect(0).Log.Warnings.Single(), "also when nothing is done");
        Assert.AreEqual("CMP3001", project.Build("-warnaserror").Expect(1).Log.Errors.Single().Code);
        Assert.AreEqual(0, project.Build("-warnaserror", "-p:NoWarn=CMP3001").Expect(0).Log.Warnings.Count);
        Assert.AreEqual(0, project.TakeCalls().Count);
    }
}
