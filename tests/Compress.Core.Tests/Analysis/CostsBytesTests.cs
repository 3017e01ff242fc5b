using Compress.Analysis;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class CostsBytesTests
{
    [TestMethod]
    public void File_bytes_are_those_of_the_written_file()
    {
        var model = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3).Relu().Build();
        Assert.AreEqual(OnnxWriter.ToBytes(model).Length, Costs.FileBytes(model));
    }

    [TestMethod]
    public void Stored_bytes_are_packed_weights_scales_and_bias()
    {
        var layer = new LayerShape("c", "Conv", 3, 5, 1, 9, 1);
        Assert.AreEqual(135 * 4 + 5 * 4, Costs.StoredBytes(layer, 32));
        Assert.AreEqual(51 + 5 * (2 + 2), Costs.StoredBytes(layer, 3)); // 135 · 3 bits are 50.6 bytes
        Assert.AreEqual(0, Costs.StoredBytes(layer with { HasWeights = false }, 8));
    }

    [TestMethod]
    public void A_chain_holds_two_values_at_a_time()
    {
        var builder = new ModelBuilder().Input("x", 1, 100);
        for (var i = 0; i < 5; i++) builder.Relu();
        Assert.AreEqual(2 * 400, Peak(builder));
    }

    [TestMethod]
    public void A_shortcut_stays_alive_until_it_is_added()
    {
        var builder = new ModelBuilder().Input("x", 1, 100).Relu();
        var shortcut = builder.Last;
        builder.Relu().Relu().Add(builder.Last, shortcut);
        Assert.AreEqual(3 * 400, Peak(builder));
    }

    [TestMethod]
    public void A_reshape_takes_no_memory_and_keeps_its_input_alive()
    {
        var builder = new ModelBuilder().Input("x", 1, 100).Relu().Flatten().Relu();
        Assert.AreEqual(2 * 400, Peak(builder));
    }

    [TestMethod]
    public void An_output_stays_to_the_end()
    {
        var builder = new ModelBuilder().Input("x", 1, 100).Relu();
        var first = builder.Last;
        builder.Relu().Relu().Relu().Output(first, builder.Last);
        Assert.AreEqual(3 * 400, Peak(builder));
    }

    [TestMethod]
    public void Fewer_bits_take_less_memory()
    {
        var builder = new ModelBuilder().Input("x", 1, 100).Relu().Relu();
        Assert.AreEqual(400 + 100, Peak(builder, value => value == "x" ? null : 8));
    }

    [TestMethod]
    public void What_melts_into_the_node_before_has_no_memory_of_its_own()
    {
        var builder = new ModelBuilder().Input("x", 1, 100).Relu().Relu().Relu();
        var model = builder.Build();
        long Of(params string[] melted) => Costs.PeakMemory(model.Graph, ObservedShapes.Observe(model, builder.Feed(1)), null, melted.ToHashSet());
        Assert.AreEqual(2 * 400, Of());
        Assert.AreEqual(400, Of([.. model.Graph.Nodes.Select(node => node.Output)]), "all in the input's place");
    }

    private static long Peak(ModelBuilder builder, Func<string, double?>? bits = null)
    {
        var model = builder.Build();
        return Costs.PeakMemory(model.Graph, ObservedShapes.Observe(model, builder.Feed(1)), bits);
    }
}
