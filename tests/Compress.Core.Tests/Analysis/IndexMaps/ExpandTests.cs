using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class ExpandTests
{
    [TestMethod]
    public void A_constant_expanded_over_the_image_loses_its_channels_too()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        builder.Op("Expand", [builder.Constant(builder.Random(1, 3, 1, 1)), builder.Constant(Tensor.List(1, 3, 4, 4))]);
        builder.Add(x, builder.Last);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void A_scalar_spread_to_the_channels_shrinks_with_them()
    {
        var builder = Travel.Channels(3);
        var x = builder.Last;
        builder.Op("ConstantOfShape", [builder.Constant(Tensor.List(1, 3, 1, 1))], node => node.Put(new() { Name = "value", Type = Onnx.AttributeProto.Types.AttributeType.Tensor, T = OnnxWriter.ToProto("", Tensor.Of([2f], 1)) }));
        builder.Add(x, builder.Last);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }
}
