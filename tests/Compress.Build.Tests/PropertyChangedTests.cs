using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class PropertyChangedTests
{
    [TestMethod]
    public void A_property_that_matters_compresses_again_and_one_that_does_not_does_not()
    {
        var project = TempProject.WithModel();
        project.Build().Expect(0);
        project.TakeCalls();

        project.Build("-p:CompressVerbosity=high", "-p:CompressThreads=1").Expect(0);
        Assert.AreEqual(0, project.TakeCalls().Count);

        project.Build("-p:CompressLocked=true").Expect(0);
        Assert.AreEqual(1, project.TakeCalls().Count);
    }
}
