using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class NormalizationTests
{
    [TestMethod]
    public void BatchNormalization_loses_its_parameters_with_the_channel()
    {
        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(Travel.Channels(3).BatchNormalization().Read(3)));
    }

    [TestMethod]
    public void InstanceNormalization_loses_its_parameters_with_the_channel()
    {
        var builder = Travel.Channels(3);
        builder.Op("InstanceNormalization", [builder.Last, builder.Constant(builder.Random(1, 3)), builder.Constant(builder.Random(1, 3))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void GroupNormalization_loses_whole_groups()
    {
        var builder = Travel.Channels(6);
        builder.Op("GroupNormalization", [builder.Last, builder.Constant(builder.Random(1, 6)), builder.Constant(builder.Random(1, 6))], node => node.Set("num_groups", 3));

        Assert.AreEqual("0,1>0,1 2,3>2,3 4,5>4,5", Travel.Of(builder.Read(6)));
    }

    [TestMethod]
    public void Groups_written_as_InstanceNormalization_over_reshaped_channels_go_whole()
    {
        var builder = Travel.Channels(6).Then("Reshape", null, [0, 3, -1]);
        builder.Op("InstanceNormalization", [builder.Last, builder.Constant(builder.Random(1, 3)), builder.Constant(builder.Random(1, 3))]);
        builder.Then("Reshape", null, [0, 6, 4, 4]);

        Assert.AreEqual("0,1>0,1 2,3>2,3 4,5>4,5", Travel.Of(builder.Read(6)));
    }

    [TestMethod]
    public void LayerNormalization_holds_what_it_takes_statistics_over()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3))], node => node.Name = "dense");
        builder.Op("LayerNormalization", [builder.Last, builder.Constant(builder.Random(1, 3))]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        StringAssert.Contains(Travel.Closed(builder, "dense"), "(LayerNormalization) takes statistics over them");
    }

    [TestMethod]
    [DataRow(11, 1)]
    [DataRow(13, 2)]
    public void Softmax_holds_its_axis_and_before_opset_13_those_after_it(int opset, long axis)
    {
        var builder = new ModelBuilder(opset: opset).Input("x", -1, 4, 5);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3))], node => node.Name = "dense");
        builder.Op("Softmax", [builder.Last], node => node.Set("axis", axis));
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        StringAssert.Contains(Travel.Closed(builder, "dense"), "(Softmax) normalises over them");
    }

    [TestMethod]
    public void Softmax_since_opset_13_leaves_other_axes_open()
    {
        var builder = new ModelBuilder(opset: 13).Input("x", -1, 4, 5);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3))]);
        builder.Op("Softmax", [builder.Last], node => node.Set("axis", 1));
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }
}
