using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class GatherTests
{
    [TestMethod]
    public void Picked_positions_follow_their_indices()
    {
        var builder = Travel.Channels(4).Then("Gather", node => node.Set("axis", -3), [3, 0, -2]);

        Assert.AreEqual("0>1 2>2 3>0", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void A_single_pick_holds_its_position_and_frees_the_axis_of_the_others()
    {
        var builder = Travel.Channels(6);
        builder.Op("Reshape", [builder.Last, builder.Constant(Tensor.List(0, 2, 3, 4, 4))]);
        builder.Op("Gather", [builder.Last, builder.Constant(Tensor.Of([1L]))], node => node.Set("axis", 1));

        Assert.AreEqual("0,3>0 1,4>1 2,5>2", Travel.Of(builder.Read(3)));
    }

    [TestMethod]
    public void Columns_of_an_embedding_are_channels()
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        builder.Op("Cast", ["x"], node => node.Set("to", (long)Onnx.TensorProto.Types.DataType.Int64));
        builder.Op("Abs", [builder.Last]);
        var ids = builder.Op("Clip", [builder.Last, "", builder.Constant(Tensor.Of([4L]))]);
        builder.Op("Gather", [builder.Constant(builder.Random(1, 5, 3)), ids]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }
}
