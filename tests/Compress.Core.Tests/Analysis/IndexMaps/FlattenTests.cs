using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class FlattenTests
{
    [TestMethod]
    public void A_channel_becomes_a_run_of_features()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1).Flatten().Dense(2, inFeatures: 12);

        Assert.AreEqual("0>0,1,2,3 1>4,5,6,7 2>8,9,10,11", Travel.Of(builder));
    }

    [TestMethod]
    public void With_channels_last_a_channel_becomes_every_third_feature()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 1).Conv(3, 1).Then("Transpose", node => node.Set("perm", [0, 2, 3, 1])).Flatten().Dense(2, inFeatures: 6);

        Assert.AreEqual("0>0,3 1>1,4 2>2,5", Travel.Of(builder));
    }
}
