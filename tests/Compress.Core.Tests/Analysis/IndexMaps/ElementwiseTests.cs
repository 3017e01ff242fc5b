using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ElementwiseTests
{
    [TestMethod]
    public void A_residual_sum_ties_its_branches()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        builder.Relu().Conv(3, 3).Add(x, builder.Last);

        Assert.AreEqual("0>0;0 1>1;1 2>2;2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    [DataRow("Add")]
    [DataRow("Sub")]
    [DataRow("Mul")]
    [DataRow("Div")]
    [DataRow("PRelu")]
    public void A_constant_for_each_channel_loses_its_element(string op)
    {
        var builder = Travel.Channels(3);
        builder.Op(op, [builder.Last, builder.Constant(builder.Random(1, 3, 1, 1))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void A_gate_for_each_channel_goes_with_it_and_one_for_each_pixel_does_not()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        builder.GlobalPool().Conv(2, 1).Relu().Conv(3, 1);
        var scaled = builder.Op("Mul", [x, builder.Op("Sigmoid", [builder.Last])]);
        builder.Conv(scaled, 1, 1);
        builder.Op("Mul", [scaled, builder.Last]);

        Assert.AreEqual("0>0;0;0 1>1;1;1 2>2;2;2 | 0>0 1>1", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Channels_that_are_never_zero_are_masked_where_they_are_read()
    {
        // A removed filter leaves sigmoid(0) = 0.5 and exp(0) = 1 behind: zeroing filters would not do.
        var builder = Travel.Channels(3).Then("Sigmoid").Then("Exp");

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }
}
