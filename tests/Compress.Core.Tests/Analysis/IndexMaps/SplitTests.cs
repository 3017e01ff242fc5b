using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class SplitTests
{
    [TestMethod]
    [DataRow(11)]
    [DataRow(13)]
    [DataRow(21)]
    public void Parts_take_the_positions_in_turn_and_their_sizes_shrink(int opset)
    {
        var builder = Travel.Channels(5, opset);
        string[] inputs = opset < 13 ? [builder.Last] : [builder.Last, builder.Constant(Tensor.List(2, 3))];
        builder.Op("Split", inputs, node =>
        {
            node.Set("axis", 1);
            if (opset < 13) node.Set("split", [2, 3]);
        }, outputs: 2);
        var parts = builder.Graph.Nodes[^1].Outputs;
        builder.Op("Concat", [parts[1], parts[0]], node => node.Set("axis", 1));

        Assert.AreEqual("0>3 1>4 | 2>0 3>1 4>2", Travel.Of(builder.Read(5)));
    }

    [TestMethod]
    public void Equal_parts_by_number_get_explicit_sizes()
    {
        var builder = Travel.Channels(4);
        builder.Op("Split", [builder.Last], node => node.Set("axis", 1).Set("num_outputs", 2), outputs: 2);
        var parts = builder.Graph.Nodes[^1].Outputs;
        builder.Op("Concat", [parts[0], parts[1]], node => node.Set("axis", 1));

        Assert.AreEqual("0>0 1>1 | 2>2 3>3", Travel.Of(builder.Read(4)));
    }
}
