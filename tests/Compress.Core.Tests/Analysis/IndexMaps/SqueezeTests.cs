using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class SqueezeTests
{
    [TestMethod]
    [DataRow(11)]
    [DataRow(13)]
    public void Axes_of_size_one_come_and_go(int opset)
    {
        long[][] lists(params long[] axes) => opset < 13 ? [] : [axes];
        Action<Compress.Graph.Node> set(params long[] axes) => node => { if (opset < 13) node.Set("axes", axes); };
        var builder = Travel.Channels(3, opset).GlobalPool()
            .Then("Squeeze", set(2, 3), lists(2, 3))
            .Then("Unsqueeze", set(0, 3), lists(0, 3))
            .Then("Squeeze", set(0), lists(0))
            .Then("Unsqueeze", set(3), lists(3));

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder.Read(3)));
    }
}
