using Compress.Apply;
using Compress.Plan;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests.Search;

/// <summary>Bits by channel for the channels that a plan leaves.</summary>
[TestClass]
public sealed class ChannelSpreadTests
{
    [TestMethod]
    public void Layers_that_are_cut_short_get_as_many_widths_as_they_keep_channels_and_layers_that_are_cut_whole_get_none()
    {
        var builder = new ModelBuilder(seed: 8).Input("x", -1, 3, 8, 8).Conv(8, 3).Relu();
        foreach (var inner in new[] { 10, 12 })
        {
            var shortcut = builder.Last;
            builder.Conv(inner, 3).Relu().Conv(8, 3).Add(shortcut, builder.Last).Relu();
        }
        var context = SmallSearch.Open(builder.GlobalPool().Flatten().Dense(4).Build());
        var (whole, some) = (context.Facts.Groups.Open.Single(group => group.Channels == 10), context.Facts.Groups.Open.Single(group => group.Channels == 12));
        var plan = UniformPlan.Of(context, 4, 8) with { Cuts = [new ChannelCut(whole.Id, []), new ChannelCut(some.Id, [0, 3, 4, 7, 9])] };
        var noise = context.Facts.Layers.ToDictionary(layer => layer.Name, layer => Enumerable.Range(1, (int)context.Facts.Shapes[layer.Node.Output].Dims[1]).Select(i => Math.Pow(4, i)).ToArray());

        var spread = ChannelSpread.Of(context, plan, noise, _ => [2, 3, 4, 5, 6]);

        Assert.IsTrue(whole.Layers.All(layer => !spread.ChannelBits.ContainsKey(layer)));
        Assert.HasCount(5, spread.ChannelBits[context.Facts.Layers.First(layer => context.Facts.Shapes[layer.Node.Output].Dims[1] == 12).Name]);
        Assert.AreEqual(context.Facts.Layers.Count - 2, PrunedModel.Of(context.Facts, spread.Cuts).Layers.Count);
    }
}
