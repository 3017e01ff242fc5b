using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ReduceTests
{
    [TestMethod]
    [DataRow("ReduceMean", 0)]
    [DataRow("ReduceSum", 1)]
    [DataRow("ReduceL2", 0)]
    public void Other_axes_keep_their_order(string op, long keeps)
    {
        var builder = Travel.Channels(3).Then(op, node => node.Set("keepdims", keeps), [2, -1]).Then("Reshape", null, [0, 3, 1, 1]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void A_mean_over_channels_holds_them()
    {
        var builder = Travel.Channels(3).Then("ReduceMean", null, [1]);

        StringAssert.Contains(Travel.Closed(builder.Read(1), "conv2"), "(ReduceMean) reduces them to one value");
    }

    [TestMethod]
    public void A_maximum_over_everything_holds_everything()
    {
        var builder = Travel.Channels(3).Then("ReduceMax", node => node.Set("keepdims", 0));

        StringAssert.Contains(Travel.Closed(builder, "conv2"), "(ReduceMax) reduces them to one value");
    }
}
