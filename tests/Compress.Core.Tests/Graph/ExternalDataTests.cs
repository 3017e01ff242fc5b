using Compress.Graph;

namespace Compress.Core.Tests.Graph;

[TestClass]
public sealed class ExternalDataTests
{
    [TestMethod]
    [DataRow("/models", "/models/net.data", true)]
    [DataRow("/models", "/models/within/..data", true)]
    [DataRow("/models", "/models2/net.data", false)]
    [DataRow("/models", "/net.data", false)]
    [DataRow("/models", "/models", false)]
    [DataRow("/", "/net.data", true, DisplayName = "a model in a root")]
    public void Values_may_lie_in_the_folder_of_the_model_and_below(string folder, string file, bool isInside) =>
        Assert.AreEqual(isInside, ExternalData.IsInside(Path.GetFullPath(folder), Path.GetFullPath(file)));
}
