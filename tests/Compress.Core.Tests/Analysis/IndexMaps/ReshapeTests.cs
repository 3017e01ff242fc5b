using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ReshapeTests
{
    [TestMethod]
    [DataRow(0, 12)]
    [DataRow(-1, 12)]
    [DataRow(0, -1)]
    [DataRow(2, 12)]
    public void A_channel_becomes_a_run_whatever_the_shape_says(long rows, long columns)
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1).Then("Reshape", null, [rows, columns]).Dense(2, inFeatures: 12);

        Assert.AreEqual("0>0,1,2,3 1>4,5,6,7 2>8,9,10,11", Travel.Of(builder));
    }

    [TestMethod]
    public void A_shape_that_the_graph_computes_is_followed_to_its_constants()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1);
        var x = builder.Last;
        builder.Op("Shape", [x]);
        builder.Op("Gather", [builder.Last, builder.Constant(Tensor.Of([0L]))]);
        var batch = builder.Op("Unsqueeze", [builder.Last, builder.Constant(Tensor.List(0))]);
        var shape = builder.Op("Concat", [batch, builder.Constant(Tensor.List(12))], node => node.Set("axis", 0));
        builder.Op("Reshape", [x, shape]);

        Assert.AreEqual("0>0,1,2,3 1>4,5,6,7 2>8,9,10,11", Travel.Of(builder.Dense(2, inFeatures: 12)));
    }

    [TestMethod]
    public void A_size_that_the_graph_computes_with_holds_its_axis()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1);
        var x = builder.Last;
        builder.Op("Shape", [x]);
        var channels = builder.Op("Gather", [builder.Last, builder.Constant(Tensor.List(1))]);
        var features = builder.Op("Mul", [channels, builder.Constant(Tensor.List(4))]);
        var shape = builder.Op("Concat", [builder.Constant(Tensor.List(-1)), features], node => node.Set("axis", 0));
        builder.Op("Reshape", [x, shape]);

        StringAssert.Contains(Travel.Closed(builder.Dense(2, inFeatures: 12), "conv2"), "(Mul) computes with their number");
    }

    [TestMethod]
    public void A_size_taken_from_elsewhere_holds_both_axes()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1);
        var (x, other) = (builder.Last, builder.Conv("x", 3, 1).Last);
        builder.Op("Shape", [other], node => node.Set("end", 2));
        var shape = builder.Op("Concat", [builder.Last, builder.Constant(Tensor.List(-1))], node => node.Set("axis", 0));
        builder.Op("Reshape", [x, shape]);
        var sum = builder.Op("ReduceMean", [builder.Last, builder.Constant(Tensor.List(2))], node => node.Set("keepdims", 0));
        builder.Op("MatMul", [sum, builder.Constant(builder.Random(1, 3, 2))]);
        builder.Output(builder.Last).Conv(other, 2, 1).Output(builder.Last);

        StringAssert.Contains(Travel.Closed(builder, "conv2"), "is taken from another value");
        StringAssert.Contains(Travel.Closed(builder, "conv5"), "is taken from another value");
    }

    [TestMethod]
    public void Shuffled_channels_go_one_from_each_group()
    {
        var builder = Travel.Channels(6).Then("Reshape", null, [0, 2, 3, 4, 4]).Then("Transpose", node => node.Set("perm", [0, 2, 1, 3, 4])).Then("Reshape", null, [0, 6, 4, 4]);

        Assert.AreEqual("0,3>0,1 1,4>2,3 2,5>4,5", Travel.Of(builder.Read(6)));
    }

    [TestMethod]
    public void One_number_that_shapes_two_values_follows_both_or_neither()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).Conv(3, 1);
        var (a, b) = (builder.Last, builder.Conv("x", 3, 1).Last);
        var shape = builder.Op("Concat", [builder.Constant(Tensor.List(-1)), builder.Constant(Tensor.List(12))], node => node.Set("axis", 0));
        var left = builder.Op("Reshape", [a, shape]);
        var right = builder.Op("Reshape", [b, shape]);
        builder.Op("Concat", [left, right], node => node.Set("axis", 1));

        StringAssert.Contains(Travel.Closed(builder.Dense(2, inFeatures: 24), "conv2"), "is taken from another value");
    }
}
