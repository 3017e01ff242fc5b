using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class TileTests
{
    [TestMethod]
    public void A_channel_goes_to_every_copy()
    {
        Assert.AreEqual("0>0,2,4 1>1,3,5", Travel.Of(Travel.Channels(2).Then("Tile", null, [1, 3, 1, 2]).Read(6)));
    }
}
