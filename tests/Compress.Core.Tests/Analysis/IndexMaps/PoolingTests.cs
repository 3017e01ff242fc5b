using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class PoolingTests
{
    [TestMethod]
    [DataRow("MaxPool")]
    [DataRow("AveragePool")]
    [DataRow("LpPool")]
    public void Channels_pass(string op)
    {
        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(Travel.Channels(3).Then(op, node => node.Set("kernel_shape", [2, 2])).Read(3)));
    }

    [TestMethod]
    public void Indices_of_maxima_count_over_the_channels_and_hold_them()
    {
        var builder = Travel.Channels(3);
        builder.Op("MaxPool", [builder.Last], node => node.Set("kernel_shape", [2, 2]), outputs: 2);
        var pool = builder.Graph.Nodes[^1];
        builder.Op("Conv", [pool.Outputs[0], builder.Constant(builder.Random(1, 2, 3, 1, 1))]);

        StringAssert.Contains(Travel.Closed(builder, "conv2"), "(MaxPool) slides over them");
    }
}
