using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class SliceTests
{
    [TestMethod]
    public void Positions_shift_by_the_start_and_the_bounds_follow()
    {
        var builder = Travel.Channels(5).Then("Slice", null, [1, 0], [-1, int.MaxValue], [1, 2]);

        Assert.AreEqual("0> 4> | 1>0 2>1 3>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void The_attributes_of_old_opsets_are_understood()
    {
        var builder = Travel.Channels(4, opset: 9).Then("Slice", node => node.Set("starts", [1]).Set("ends", [4]).Set("axes", [1]));

        Assert.AreEqual("1>0 2>1 3>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Steps_over_channels_hold_them()
    {
        var builder = Travel.Channels(4).Then("Slice", null, [0], [4], [1], [2]);

        StringAssert.Contains(Travel.Closed(builder.Read(2), "conv2"), "(Slice) needs all of them");
    }
}
