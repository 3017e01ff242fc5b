using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class PadTests
{
    [TestMethod]
    public void Positions_shift_by_what_is_added_before()
    {
        var builder = Travel.Channels(3).Then("Pad", null, [0, 2, 1, 1, 0, 1, 1, 1]);

        Assert.AreEqual("0>2 1>3 2>4", Travel.Of(builder.Read(6)));
    }

    [TestMethod]
    public void Added_channels_go_with_those_that_they_are_added_to()
    {
        var builder = Travel.Channels(4, opset: 9);
        var wide = builder.Last;
        builder.Conv("x", 2, 1).Then("Pad", node => node.Set("pads", [0, 1, 0, 0, 0, 1, 0, 0]));
        builder.Add(wide, builder.Last);

        Assert.AreEqual("0>0 3>3 | 1>1 2>2", Travel.Of(builder.Read(4)));
    }

    [TestMethod]
    public void Negative_pads_drop_positions()
    {
        var builder = Travel.Channels(5).Then("Pad", null, [0, -1, 0, 0, 0, -2, 0, 0]);

        Assert.AreEqual("0> 3> 4> | 1>0 2>1", Travel.Of(builder.Read(2)));
    }

    [TestMethod]
    public void Mirrored_channels_are_held()
    {
        var builder = Travel.Channels(4).Then("Pad", node => node.Set("mode", "reflect"), [0, 1, 0, 0, 0, 0, 0, 0]);

        StringAssert.Contains(Travel.Closed(builder.Read(5), "conv2"), "(Pad) mirrors or repeats them");
    }
}
