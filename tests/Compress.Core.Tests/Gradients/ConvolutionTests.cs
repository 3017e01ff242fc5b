using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Gradients;

[TestClass]
public sealed class ConvolutionTests
{
    [TestMethod]
    [DataRow(1, 1, 1, 0, DisplayName = "3x3 padded")]
    [DataRow(2, 1, 1, 0, DisplayName = "stride")]
    [DataRow(1, 2, 1, 0, DisplayName = "dilation")]
    [DataRow(2, 2, 2, 0, DisplayName = "stride, dilation and groups")]
    [DataRow(1, 1, 4, 0, DisplayName = "depthwise")]
    [DataRow(2, 1, 4, 1, DisplayName = "depthwise with stride, pads of one side")]
    [DataRow(1, 1, 1, 3, DisplayName = "pads wider than the kernel")]
    [DataRow(3, 1, 1, 0, DisplayName = "stride that leaves a rest")]
    public void Conv(int stride, int dilation, int groups, int more)
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 7, 6);
        var (w, b) = (builder.Constant(builder.Random(1, 4, 4 / groups, 3, 2), "w"), builder.Constant(builder.Random(1, 4), "b"));
        builder.Op("Conv", ["x", w, b], node => node.Set("strides", [stride, stride]).Set("dilations", [dilation, 1]).Set("pads", [1 + more, 1, 1, 0]).Set("group", groups));

        GradientCheck.Linear(builder, "x", w, b);
    }

    [TestMethod]
    [DataRow("SAME_UPPER")]
    [DataRow("SAME_LOWER")]
    [DataRow("VALID")]
    public void Conv_with_automatic_pads(string pads)
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 7, 6);
        var w = builder.Constant(builder.Random(1, 3, 2, 2, 3), "w");
        builder.Op("Conv", ["x", w], node => node.Set("strides", [2, 2]).Set("auto_pad", pads));

        GradientCheck.Linear(builder, "x", w);
    }

    [TestMethod]
    public void Conv_1x1()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 4, 4);
        var w = builder.Constant(builder.Random(1, 5, 3, 1, 1), "w");
        builder.Op("Conv", ["x", w]);

        GradientCheck.Linear(builder, "x", w);
    }

    [TestMethod]
    public void Conv_along_one_axis_and_along_three()
    {
        foreach (var sizes in (long[][])[[9], [4, 3, 5]])
        {
            var builder = new ModelBuilder().Input("x", [-1, 2, .. sizes]);
            var w = builder.Constant(builder.Random(1, [2, 2, .. sizes.Select(_ => 2L)]), "w");
            builder.Op("Conv", ["x", w], node => node.Set("strides", [2, .. sizes.Skip(1).Select(_ => 1L)]));

            GradientCheck.Linear(builder, "x", w);
        }
    }

    [TestMethod]
    [DataRow(1, 0, 1, DisplayName = "dense")]
    [DataRow(2, 1, 1, DisplayName = "stride, output padding")]
    [DataRow(2, 0, 2, DisplayName = "stride, groups")]
    public void ConvTranspose(int stride, int extra, int groups)
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 4, 3);
        var (w, b) = (builder.Constant(builder.Random(1, 4, 2, 3, 2), "w"), builder.Constant(builder.Random(1, 2 * groups), "b"));
        builder.Op("ConvTranspose", ["x", w, b], node => node.Set("strides", [stride, stride]).Set("pads", [1, 0, 1, 0]).Set("output_padding", [extra, extra]).Set("group", groups));

        GradientCheck.Linear(builder, "x", w, b);
    }

    [TestMethod]
    public void A_network_of_several_layers()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 6, 6).Conv(4, 3).Conv(4, 3, stride: 2, group: 4);
        var skip = builder.Last;
        builder.Conv(4, 1).Add(builder.Last, skip).GlobalPool().Flatten().Dense(3);
        var weights = builder.Graph.Constants.Where(entry => entry.Value.Rank > 1).Select(entry => entry.Key).Order(StringComparer.Ordinal);

        GradientCheck.Linear(builder, ["x", .. weights]);
    }
}
