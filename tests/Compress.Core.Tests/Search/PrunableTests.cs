using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

[TestClass]
public sealed class PrunableTests
{
    [TestMethod]
    [DataRow(0.25, 1, 4)]
    [DataRow(0.3, 1, 4, DisplayName = "4.8 channels are four")]
    [DataRow(0.3, 8, 0, DisplayName = "12 left are rounded up to 16")]
    [DataRow(0.5, 8, 8)]
    [DataRow(0.95, 1, 14, DisplayName = "two always stay")]
    public void The_channels_left_are_rounded_up_to_the_policys_multiple(double ratio, int multiple, int removed)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Prune = new() { KeepMultipleOf = multiple } });
        var group = context.Facts.Groups.Open.Single(group => group.Channels == 16);

        Assert.AreEqual(removed, Prunable.Removed(context, group, ratio));
    }

    [TestMethod]
    public void A_ratio_cuts_every_group_but_those_that_a_rule_leaves_alone()
    {
        var free = SmallSearch.Open(SmallSearch.Network());
        var pinned = SmallSearch.Open(SmallSearch.Network(), firstLayer: new LayerRule(new SourceLocation("compress.yaml")) { Prune = false });

        Assert.AreEqual("12→9 16→12 8→6", Sizes(free));
        Assert.AreEqual("16→12 8→6", Sizes(pinned), "The first layer makes the twelve channels of the residual stream.");
    }

    [TestMethod]
    public void A_rule_gives_the_channels_that_its_layer_makes_a_share_of_their_own()
    {
        var rule = new LayerRule(new SourceLocation("compress.yaml")) { PruneRatio = 0.5 };
        var alone = SmallSearch.Open(SmallSearch.Network(), firstLayer: rule);
        var beside = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Prune = new() { Ratio = 0.25 } }, rule);

        Assert.AreEqual("12→6", Sizes(alone, Prunable.WithFixedCuts(alone).Cuts));
        Assert.AreEqual("12→6 16→12 8→6", Sizes(beside, Prunable.WithFixedCuts(beside).Cuts));
        Assert.AreEqual("16 8", string.Join(' ', Prunable.Free(alone).Select(group => group.Channels)), "What a rule settles is no choice of a search.");
        Assert.AreEqual("12→6 16→12 8→6", Sizes(alone, SequentialRanking.Cuts(alone, 0.25, samples: 16)));
        Assert.AreEqual("12→6", Sizes(alone, SequentialRanking.Cuts(alone, 0, samples: 16)));
    }

    [TestMethod]
    public void Without_samples_the_smallest_weights_go_first()
    {
        var context = SmallSearch.Open(SmallSearch.Network());
        context = context with { Facts = context.Facts with { Samples = [] } };
        var group = context.Facts.Groups.Open.Single(group => group.Channels == 8);
        var weights = context.Facts.Model.Graph.Constants[group.Producers[0].Weight.Value].Floats();
        var norms = Enumerable.Range(0, 8).Select(c => weights.Skip(c * weights.Length / 8).Take(weights.Length / 8).Sum(w => (double)w * w)).ToArray();

        CollectionAssert.AreEqual(Enumerable.Range(0, 8).OrderBy(c => norms[c]).SkipLast(1).ToArray(), Prunable.Orders(context)[group.Id].Order);
    }

    [TestMethod]
    public void Pruning_without_quantization_gives_a_smaller_float_model()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Quantize = new() { Enabled = false }, Prune = new() { Ratio = 0.25 } });

        var candidate = new AutoMethod().Search(context);

        Assert.IsTrue(candidate.Plan.Layers.Values.All(choice => choice.Bits == 32));
        Assert.AreEqual(3, candidate.Plan.Cuts.Length);
        Assert.IsTrue(candidate.Costs.Macs < 0.65 * context.FloatCosts.Macs, $"{candidate.Costs.Macs} of {context.FloatCosts.Macs}");
        Assert.AreEqual(context.FloatCosts.Bops / context.FloatCosts.Macs, candidate.Costs.Bops / candidate.Costs.Macs, 1e-9, "32 × 32 bits");
        Assert.IsFalse(candidate.Applied.Model.Graph.Nodes.Any(node => node.Op is "QuantizeLinear" or "DequantizeLinear"));
    }

    private static string Sizes(SearchContext context) =>
        Sizes(context, Prunable.Uniform(context, 0.25, Prunable.Orders(context)));

    private static string Sizes(SearchContext context, IEnumerable<Compress.Plan.ChannelCut> cuts) =>
        string.Join(' ', cuts.Select(cut => $"{context.Facts.Groups.Open.Single(group => group.Id == cut.Group).Channels}→{cut.Kept.Count}"));
}
