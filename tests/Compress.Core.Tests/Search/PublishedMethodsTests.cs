using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>What every published method promises, whatever it proposes.</summary>
[TestClass]
public sealed class PublishedMethodsTests
{
    private static readonly SourceLocation Here = new("compress.yaml");

    [TestMethod]
    [DataRow(Method.PicPq)]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.AjpqDdpg)]
    [DataRow(Method.Qap)]
    [DataRow(Method.Fit)]
    public void A_budget_of_bytes_is_kept_and_the_result_is_the_same_every_time(Method method)
    {
        var model = SmallSearch.Network();
        Candidate Once(int threads) => Methods.Of(method).Search(SmallSearch.Open(model, policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(2.2) } }) with { Threads = threads });

        var (first, second) = (Once(1), Once(2));

        Assert.IsLessThanOrEqualTo(OnnxWriter.ToBytes(model).Length / 2.2, first.Size);
        CollectionAssert.AreEqual(first.Model, second.Model);
    }

    [TestMethod]
    public void Layerwise_gives_the_same_bytes_with_one_thread_and_with_two()
    {
        Candidate Once(int threads) => Methods.Of(Method.Layerwise).Search(SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Size = Factor(2.2) } }) with { Threads = threads });

        CollectionAssert.AreEqual(Once(1).Model, Once(2).Model);
    }

    [TestMethod]
    [DataRow(Method.PicPq)]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.Qap)]
    [DataRow(Method.Fit)]
    public void A_budget_of_bit_operations_is_kept(Method method)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } });

        var candidate = Methods.Of(method).Search(context);

        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 40, candidate.Costs.Bops);
    }

    [TestMethod]
    [DataRow(Method.PicPq)]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.Qap)]
    [DataRow(Method.Fit)]
    public void Rules_and_lists_of_the_policy_hold(Method method)
    {
        var rule = new LayerRule(Here) { KeepFloat = true, Prune = false };
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(10) }, Quantize = new QuantizePolicy { Weights = [3, 6], Activations = [5, 7] } }, rule);

        var plan = Methods.Of(method).Search(context).Plan;

        Assert.AreEqual(LayerChoice.Untouched, plan.Layers[context.Facts.Layers[0].Name]);
        Assert.IsTrue(plan.Layers.Values.Skip(1).All(choice => choice.Bits is 3 or 6 or 32), string.Join(' ', plan.Layers));
        Assert.IsFalse(plan.Cuts.Any(cut => context.Facts.Groups.Open.First(group => group.Id == cut.Group).Layers.Contains(context.Facts.Layers[0].Name)));
    }

    [TestMethod]
    [DataRow(Method.PicPq)]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.AjpqDdpg)]
    [DataRow(Method.Qap)]
    [DataRow(Method.Fit)]
    public void A_cancelled_search_ends(Method method)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } });

        Assert.ThrowsExactly<OperationCanceledException>(() => Methods.Of(method).Search(context with { Cancellation = new CancellationToken(canceled: true) }));
    }

    [TestMethod]
    [DataRow(Method.Auto)]
    [DataRow(Method.Qap)]
    public void Ternary_weights_are_a_level_of_the_choice(Method method)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) }, Quantize = new QuantizePolicy { Weights = [QuantizePolicy.Ternary, 8], Activations = [8] }, Prune = new PrunePolicy { Enabled = false } });

        var candidate = Methods.Of(method).Search(context);

        Assert.IsTrue(candidate.Plan.Layers.Values.All(choice => choice.Bits is QuantizePolicy.Ternary or 8), string.Join(' ', candidate.Plan.Layers));
        Assert.IsTrue(candidate.Plan.Layers.Values.Any(choice => choice.Bits == QuantizePolicy.Ternary));
        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 40, candidate.Costs.Bops);
    }

    [TestMethod]
    public void One_width_in_the_list_is_the_fixed_precision_mode_of_ajpq_and_channels_meet_the_budget()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(60) }, Quantize = new QuantizePolicy { Weights = [4], Activations = [8] } });

        var candidate = new AjpqMethod().Search(context);

        CollectionAssert.AreEqual(new[] { 8, 4, 4, 4, 8 }, context.Facts.Layers.Select(layer => candidate.Plan.Layers[layer.Name].Bits).ToArray(), "The first layer and the last stay at eight bits.");
        Assert.IsNotEmpty(candidate.Plan.Cuts);
        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 60, candidate.Costs.Bops);
    }

    [TestMethod]
    public void Bits_of_pic_pq_follow_the_policy_s_constants()
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(12) }, Prune = new PrunePolicy { Enabled = false }, PicPq = new PicPqPolicy { MostBits = [3] } });

        var plan = Methods.Of(Method.PicPq).Search(context).Plan;

        Assert.AreEqual("8 3 3 3 8", string.Join(' ', context.Facts.Layers.Select(layer => plan.Layers[layer.Name].Bits)));
    }

    [TestMethod]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.Qap)]
    public void Bits_by_channel_compete_under_the_same_budget(Method method)
    {
        var heard = new Heard();
        // Channels of very different magnitude: equal widths are a waste.
        var model = SmallSearch.Network();
        foreach (var (name, weight) in model.Graph.Constants.Where(constant => constant.Value.Rank == 4).ToList())
            model.Graph.Constants[name] = Tensor.Of([.. weight.Floats().Select((w, i) => w * (i / (weight.Count / weight.Dims[0]) % 4 == 0 ? 4 : 0.5f))], weight.Dims);
        var context = SmallSearch.Open(model, policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(30) }, Prune = new PrunePolicy { Enabled = false } });

        var candidate = Methods.Of(method).Search(context with { Reporter = heard });

        Assert.IsTrue(heard.Stages.Any(stage => stage.Contains("bits by channel: divergence", StringComparison.Ordinal)), string.Join('\n', heard.Stages));
        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 30, candidate.Costs.Bops);
    }

    [TestMethod]
    [DataRow(Method.PicPq)]
    [DataRow(Method.Ajpq)]
    [DataRow(Method.AjpqDdpg)]
    [DataRow(Method.Qap)]
    [DataRow(Method.Fit)]
    public void When_it_was_enough_the_best_plan_so_far_keeps_the_budget(Method method)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } });

        var candidate = Methods.Of(method).Search(context with { Enough = new CancellationToken(canceled: true) });

        Assert.IsLessThanOrEqualTo(context.FloatCosts.Bops / 40, candidate.Costs.Bops);
    }

    [TestMethod]
    public void An_interrupted_search_goes_on_where_it_was()
    {
        using var folder = new Emit.TemporaryFolder();
        SearchContext Open(IReporter reporter, CancellationToken cancellation) =>
            SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = new BudgetPolicy { Location = Here, Bops = Factor(40) } }) with { Reporter = reporter, Cancellation = cancellation, Memory = new SearchMemory(new ResultCache(folder.Path), "small") };
        static int Judged(Heard heard, string end) => heard.Stages.Count(stage => stage.Contains("divergence", StringComparison.Ordinal) && stage.EndsWith(end, StringComparison.Ordinal));
        const string Before = "as found before";
        using var interrupt = new CancellationTokenSource();
        var interrupted = new Heard { OnStage = stage => { if (stage.Contains("divergence", StringComparison.Ordinal)) interrupt.Cancel(); } };
        Assert.ThrowsExactly<OperationCanceledException>(() => Methods.Of(Method.PicPq).Search(Open(interrupted, interrupt.Token)));

        Heard resumed = new(), again = new();
        var candidate = Methods.Of(Method.PicPq).Search(Open(resumed, default));
        _ = Methods.Of(Method.PicPq).Search(Open(again, default));
        var whole = Methods.Of(Method.PicPq).Search(Open(new Heard(), default) with { Memory = new() });

        Assert.AreEqual(1, Judged(interrupted, ""));
        Assert.AreEqual(1, Judged(resumed, Before));
        Assert.AreEqual(Judged(resumed, ""), Judged(again, Before), "Nothing is judged a second time.");
        CollectionAssert.AreEqual(whole.Model, candidate.Model);
    }

    private static Bound Factor(double factor) => new(factor, IsFactor: true, Here);
}
