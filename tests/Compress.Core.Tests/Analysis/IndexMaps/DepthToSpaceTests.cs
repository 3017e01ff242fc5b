using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class DepthToSpaceTests
{
    [TestMethod]
    public void Blocks_before_channels_tie_every_fourth_of_eight()
    {
        Assert.AreEqual("0,2,4,6>0 1,3,5,7>1", Travel.Of(Travel.Channels(8).Then("DepthToSpace", node => node.Set("blocksize", 2)).Read(2)));
    }

    [TestMethod]
    public void Channels_before_blocks_tie_runs_of_four()
    {
        Assert.AreEqual("0,1,2,3>0 4,5,6,7>1", Travel.Of(Travel.Channels(8).Then("DepthToSpace", node => node.Set("blocksize", 2).Set("mode", "CRD")).Read(2)));
    }

    [TestMethod]
    public void Pixel_shuffle_written_with_reshapes_ties_runs_of_four()
    {
        var builder = Travel.Channels(8).Then("Reshape", null, [-1, 2, 2, 2, 4, 4]).Then("Transpose", node => node.Set("perm", [0, 1, 4, 2, 5, 3])).Then("Reshape", null, [-1, 2, 8, 8]);

        Assert.AreEqual("0,1,2,3>0 4,5,6,7>1", Travel.Of(builder.Read(2)));
    }
}
