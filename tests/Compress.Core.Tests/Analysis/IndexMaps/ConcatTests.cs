using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ConcatTests
{
    [TestMethod]
    public void Positions_follow_those_of_the_inputs_before()
    {
        var builder = Travel.Channels(2);
        var first = builder.Last;
        var second = builder.Conv("x", 3, 1).Last;
        builder.Op("Concat", [first, second], node => node.Set("axis", -3));

        Assert.AreEqual("0>0 1>1 | 0>2 1>3 2>4", Travel.Of(builder.Read(5)));
    }

    [TestMethod]
    public void A_value_joined_with_itself_keeps_its_channels_together()
    {
        var builder = Travel.Channels(2);
        builder.Op("Concat", [builder.Last, builder.Last], node => node.Set("axis", 1));

        Assert.AreEqual("0>0,2 1>1,3", Travel.Of(builder.Read(4)));
    }
}
