using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ResizeTests
{
    [TestMethod]
    public void Channels_pass_and_sizes_follow()
    {
        var builder = Travel.Channels(3);
        builder.Op("Resize", [builder.Last, "", "", builder.Constant(Tensor.List(2, 3, 8, 8))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Sizes_taken_from_a_shape_follow_by_themselves()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        builder.Op("Shape", [x], node => node.Set("end", 2));
        var sizes = builder.Op("Concat", [builder.Last, builder.Constant(Tensor.List(8, 8))], node => node.Set("axis", 0));
        builder.Op("Resize", [x, "", "", sizes]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Scales_and_the_old_Upsample_leave_channels_alone()
    {
        var builder = Travel.Channels(3, opset: 9);
        builder.Op("Upsample", [builder.Last, builder.Constant(Tensor.Of([1f, 1f, 2f, 2f], 4))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Resized_channels_are_held()
    {
        var builder = Travel.Channels(2);
        builder.Op("Resize", [builder.Last, "", builder.Constant(Tensor.Of([1f, 2f, 1f, 1f], 4))]);

        StringAssert.Contains(Travel.Closed(builder.Read(4), "conv2"), "(Resize) resizes them");
    }
}
