using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;
using Compress.Diagnostics;

namespace Compress.Core.Tests.Search;

/// <summary>What the method of choice promises of its plan: the budget, the rules, the same result twice.</summary>
[TestClass]
public sealed class AutoMethodTests
{
    private static readonly SourceLocation Here = new("compress.yaml");

    [TestMethod]
    public void A_budget_of_bytes_is_kept_and_the_result_is_the_same_every_time()
    {
        var model = SmallSearch.Network();
        Candidate Once(int threads) => new AutoMethod().Search(SmallSearch.Open(model, policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(2.5) } }) with { Threads = threads });

        var (first, second) = (Once(1), Once(2));

        Assert.IsLessThanOrEqualTo(OnnxWriter.ToBytes(model).Length / 2.5, first.Size);
        CollectionAssert.AreEqual(first.Model, second.Model);
    }

    [TestMethod]
    public void A_budget_of_bit_operations_is_kept()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } });

        var candidate = new AutoMethod().Search(context);

        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 40, candidate.Costs.Bops);
    }

    [TestMethod]
    public void The_proposals_of_published_methods_compete()
    {
        var heard = new Heard();
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } }) with { Reporter = heard };

        var found = Judged(context, new AutoMethod().Search(context));

        Assert.AreEqual("ajpq fit qap", string.Join(' ', new[] { "ajpq", "fit", "qap" }.Where(name => heard.Stages.Any(stage => stage.StartsWith($"as {name} proposes: divergence", StringComparison.Ordinal)))));
        foreach (var method in (Method[])[Method.Fit, Method.Qap])
            Assert.IsLessThanOrEqualTo(1.1 * Judged(context, Methods.Of(method).Search(context)), found, $"{method}");
    }

    /// <summary>The plan's divergence on samples that it was not fitted to.</summary>
    private static double Judged(SearchContext context, Candidate candidate) => new Judge(context).Damage(candidate.Plan with { Grids = CompressionPlan.Untouched([]).Grids }, null);

    [TestMethod]
    public void Rules_of_a_layer_hold_in_the_plan()
    {
        var rule = new LayerRule(Here);
        LayerRule[] rules = [rule with { KeepFloat = true }, rule with { Weights = 5 }, rule with { Activations = 6 }, rule with { Prune = false }];
        for (var r = 0; r < rules.Length; r++)
        {
            var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(2.2) } }, rules[r]);
            var first = context.Facts.Layers[0];

            var candidate = new AutoMethod().Search(context);

            var choice = candidate.Plan.Layers[first.Name];
            if (rules[r].KeepFloat) Assert.AreEqual(LayerChoice.Untouched, choice);
            if (rules[r].Weights is { } bits) Assert.AreEqual(bits, choice.Bits);
            if (rules[r].Activations is { } activations) Assert.AreEqual(activations, candidate.Plan.ActivationBits[candidate.Applied.Placement.Grid[first.Input]]);
            if (rules[r].Prune == false) Assert.AreEqual("", string.Join(' ', candidate.Plan.Cuts.Where(cut => context.Facts.Groups.Open.First(group => group.Id == cut.Group).Layers.Contains(first.Name)).Select(cut => cut.Group)));
            Assert.IsLessThanOrEqualTo(context.FloatSize / 2.2, candidate.Size, $"{rules[r]}");
        }
    }

    [TestMethod]
    public void Widths_that_the_policy_lists_are_the_only_ones()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(2.5) }, Quantize = new QuantizePolicy { Weights = [3, 6], Activations = [5, 7] }, Prune = new PrunePolicy { Enabled = false } });

        var plan = new AutoMethod().Search(context).Plan;

        Assert.IsTrue(plan.Layers.Values.All(choice => choice.Bits is 3 or 6), string.Join(' ', plan.Layers));
        Assert.IsTrue(plan.ActivationBits.All(entry => context.Facts.Model.Graph.IsInput(entry.Key) ? entry.Value == 8 : entry.Value is 5 or 7), string.Join(' ', plan.ActivationBits));
        Assert.IsEmpty(plan.Cuts);
    }

    [TestMethod]
    [DataRow(4, 4)]
    [DataRow(16, 16)]
    [DataRow(32, null)]
    public void One_width_of_activations_is_obeyed_under_a_budget_that_does_not_count_them(int listed, int? expected)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(3) }, Quantize = new QuantizePolicy { Activations = [listed] }, Prune = new PrunePolicy { Enabled = false } });

        var bits = new AutoMethod().Search(context).Plan.ActivationBits;

        Assert.AreEqual(expected is null, bits.IsEmpty);
        Assert.IsTrue(bits.All(entry => entry.Value == (context.Facts.Model.Graph.IsInput(entry.Key) ? Math.Max(8, listed) : expected)), string.Join(' ', bits));
    }

    [TestMethod]
    public void A_budget_of_bit_operations_takes_bits_from_the_input_too()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(120) }, Prune = new PrunePolicy { Enabled = false } });

        var found = new AutoMethod().Search(context);

        Assert.IsNull(context.Missed(found));
        Assert.IsLessThan(8, found.Plan.ActivationBits["x"]);
    }

    private static Bound Factor(double factor) => new(factor, IsFactor: true, Here);
}
