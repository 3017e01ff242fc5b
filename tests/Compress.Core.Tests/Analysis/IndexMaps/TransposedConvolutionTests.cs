using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class TransposedConvolutionTests
{
    [TestMethod]
    public void Rows_of_the_kernel_read_and_columns_make_channels()
    {
        Assert.AreEqual("0>0 1>1 2>2 | 0>0 1>1 2>2 3>3", Travel.Of(Upsampled(3, 4, group: 1).Read(4)));
    }

    [TestMethod]
    public void Depthwise_goes_with_its_channel()
    {
        Assert.AreEqual("0>0,1 1>2,3 2>4,5", Travel.Of(Upsampled(3, 2, group: 3).Read(6)));
    }

    [TestMethod]
    public void Groups_lose_the_same_positions_on_either_side()
    {
        Assert.AreEqual("0,2>0,2 1,3>1,3 | 0>0,3 1>1,4 2>2,5", Travel.Of(Upsampled(4, 3, group: 2).Read(6)));
    }

    private static ModelBuilder Upsampled(int channels, int perGroup, int group)
    {
        var builder = Travel.Channels(channels);
        var (weight, bias) = (builder.Constant(builder.Random(1, channels, perGroup, 2, 2)), builder.Constant(builder.Random(1, perGroup * group)));
        builder.Op("ConvTranspose", [builder.Last, weight, bias], node => node.Set("strides", [2, 2]).Set("group", group));
        return builder;
    }
}
