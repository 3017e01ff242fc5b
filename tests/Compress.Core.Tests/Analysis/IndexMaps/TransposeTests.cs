using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class TransposeTests
{
    [TestMethod]
    public void Axes_move_and_positions_stay()
    {
        var builder = Travel.Channels(3).Then("Transpose", node => node.Set("perm", [0, 2, 3, 1]));
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }

    [TestMethod]
    public void Without_an_order_axes_are_reversed()
    {
        var builder = Travel.Channels(3).Then("Transpose").Then("Transpose");

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }
}
