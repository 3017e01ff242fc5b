using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class QuantizationTests
{
    [TestMethod]
    public void A_scale_for_each_channel_goes_with_it()
    {
        var builder = Travel.Channels(3);
        var (scale, zero) = (builder.Constant(Tensor.Of([0.1f, 0.2f, 0.3f], 3)), builder.Constant(Tensor.Of(new byte[] { 128, 127, 126 }, 3)));
        builder.Op("QuantizeLinear", [builder.Last, scale, zero]);
        builder.Op("DequantizeLinear", [builder.Last, scale, zero]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Packed_weights_hold_their_axes()
    {
        var builder = Travel.Channels(4);
        var x = builder.Last;
        var packed = builder.Constant(new Tensor(Onnx.TensorProto.Types.DataType.Int4, [4, 1, 1], [0x21, 0x43]));
        builder.Op("DequantizeLinear", [packed, builder.Constant(Tensor.Scalar(0.1f))]);
        builder.Add(x, builder.Last);

        StringAssert.Contains(Travel.Closed(builder.Read(4), "conv2"), "has several elements in a byte");
    }
}
