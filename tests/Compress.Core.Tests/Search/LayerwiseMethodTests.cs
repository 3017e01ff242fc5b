using Compress.Diagnostics;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

[TestClass]
public sealed class LayerwiseMethodTests
{
    [TestMethod]
    public void The_policys_sparsity_and_bits_hold_everywhere()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Prune = new() { Ratio = 0.25 }, Quantize = new() { Weights = [4], Activations = [8] } });

        var plan = new LayerwiseMethod().Search(context).Plan;

        Assert.AreEqual("9 12 6", string.Join(' ', plan.Cuts.Select(cut => cut.Kept.Count)));
        CollectionAssert.AreEqual(new[] { 8, 4, 4, 4, 8 }, context.Facts.Layers.Select(layer => plan.Layers[layer.Name].Bits).ToArray(), "The first layer and the last stay at eight bits.");
        Assert.IsTrue(plan.ActivationBits.Values.All(bits => bits == 8));
        Assert.AreEqual(Rounding.Max, plan.Rounding);
    }

    [TestMethod]
    public void Half_of_every_group_goes_when_the_policy_says_nothing()
    {
        var plan = new LayerwiseMethod().Search(SmallSearch.Open(SmallSearch.Network())).Plan;

        Assert.AreEqual("6 8 4", string.Join(' ', plan.Cuts.Select(cut => cut.Kept.Count)));
    }

    [TestMethod]
    public void Without_samples_channels_go_by_their_weights()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Prune = new() { Ratio = 0.5 } });
        context = context with { Facts = context.Facts with { Samples = [] } };

        Assert.IsFalse(context.Facts.HasSamples);
        Assert.AreEqual("6 8 4", string.Join(' ', new LayerwiseMethod().Search(context).Plan.Cuts.Select(cut => cut.Kept.Count)));
    }

    [TestMethod]
    [DataRow(1.5)]
    [DataRow(3.0)]
    public void A_budget_takes_the_smallest_sparsity_that_meets_it(double factor)
    {
        var at = new SourceLocation("compress.yaml");
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Quantize = new() { Enabled = false }, Budget = new() { Location = at, Macs = new(factor, true, at) } });

        var candidate = new LayerwiseMethod().Search(context);

        Assert.IsNull(context.Missed(candidate));
        // One more channel of the widest group would be too much for the budget, or nearly so.
        Assert.IsTrue(candidate.Costs.Macs > 0.8 * context.FloatCosts.Macs / factor, $"{candidate.Costs.Macs} of {context.FloatCosts.Macs}");
        Assert.IsTrue(candidate.Plan.Layers.Values.All(choice => choice.Bits == 32));
    }
}
