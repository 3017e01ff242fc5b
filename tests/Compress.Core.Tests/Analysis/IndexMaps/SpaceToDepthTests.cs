using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class SpaceToDepthTests
{
    [TestMethod]
    public void A_channel_goes_to_every_block()
    {
        Assert.AreEqual("0>0,2,4,6 1>1,3,5,7", Travel.Of(Travel.Channels(2).Then("SpaceToDepth", node => node.Set("blocksize", 2)).Read(8)));
    }

    [TestMethod]
    public void Written_with_reshapes_a_channel_goes_to_a_run_of_four()
    {
        var builder = Travel.Channels(2).Then("Reshape", null, [-1, 2, 2, 2, 2, 2]).Then("Transpose", node => node.Set("perm", [0, 1, 3, 5, 2, 4])).Then("Reshape", null, [-1, 8, 2, 2]);

        Assert.AreEqual("0>0,1,2,3 1>4,5,6,7", Travel.Of(builder.Read(8)));
    }
}
