using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ConvolutionTests
{
    [TestMethod]
    public void A_filter_makes_a_channel_and_a_slice_of_every_filter_reads_it()
    {
        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(Travel.Channels(3).Read(3)));
    }

    [TestMethod]
    public void A_depthwise_filter_goes_with_its_channel()
    {
        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(Travel.Channels(3).Conv(3, 3, group: 3).Read(3)));
    }

    [TestMethod]
    public void Depthwise_with_a_multiplier_loses_all_filters_of_a_channel()
    {
        Assert.AreEqual("0>0,1 1>2,3 2>4,5", Travel.Of(Travel.Channels(3).Conv(6, 3, group: 3).Read(6)));
    }

    [TestMethod]
    public void Groups_lose_the_same_positions_on_either_side()
    {
        Assert.AreEqual("0,3>0,3 1,4>1,4 2,5>2,5 | 0,2>0,2 1,3>1,3", Travel.Of(Travel.Channels(6).Conv(4, 1, group: 2).Read(4)));
    }

    [TestMethod]
    public void Groups_with_one_filter_each_go_whole()
    {
        Assert.AreEqual("0,1>0 2,3>1 4,5>2", Travel.Of(Travel.Channels(6).Conv(3, 1, group: 3).Read(3)));
    }

    [TestMethod]
    public void Computed_weights_hold_what_they_read()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        var weight = builder.Op("Tanh", [builder.Constant(builder.Random(1, 2, 3, 1, 1))]);
        builder.Op("Conv", [x, weight]);

        StringAssert.Contains(Travel.Closed(builder, "conv2"), "(Conv) slides over them");
    }
}
