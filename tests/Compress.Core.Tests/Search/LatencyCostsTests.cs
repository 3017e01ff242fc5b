using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>Time as a resource: what the table says of every layer, for any channels, and a search under a limit.</summary>
[TestClass]
public sealed class LatencyCostsTests
{
    private static readonly SourceLocation Here = new("compress.yaml");

    [TestMethod]
    public void A_problem_costs_what_the_table_says_of_its_layers_at_their_kept_channels()
    {
        var context = Open(new BudgetPolicy { Location = Here, Latency = new Bound(2, IsFactor: true, Here) });
        var builder = new ProblemBuilder(context, Sensitivity.Measure(context, activations: false, channels: true), 1, 1);
        var problem = builder.Build(new Dictionary<Resource, double> { [Resource.Latency] = 1 }, 0);
        int[] options = [.. problem.Choices.Select(choice => choice.Values.Length - 1)];

        foreach (var chosen in new[] { new int[options.Length], options })
        {
            var expected = context.Facts.Layers.Sum(layer =>
            {
                long Kept(long channels, Func<ChannelGroup, IReadOnlyList<GroupLayer>> side) =>
                    channels - builder.Groups.Where(entry => side(context.Facts.Groups.Open.First(group => group.Id == entry.Key)).Any(own => own.Layer == layer.Name)).Sum(entry => problem.Choices[entry.Value].Values[chosen[entry.Value]]);
                var shape = context.LayerShapes.First(shape => shape.Name == layer.Name);
                var (reads, makes) = (Kept(shape.InChannels, group => group.Consumers), Kept(shape.OutChannels, group => group.Producers));
                return reads == 0 || makes == 0 ? 0 : context.Latencies.Milliseconds(OperatorCase.Of(layer, context.Facts.Shapes, integer: false).Keep(reads, makes));
            });
            Assert.AreEqual(expected, problem.Cost(Resource.Latency, chosen), 1e-9);
        }
        Assert.IsTrue(context.Latencies.Times.Count > context.Facts.Layers.Count);
    }

    [TestMethod]
    public void A_budget_of_time_takes_channels()
    {
        var context = Open(new BudgetPolicy { Location = Here, Latency = new Bound(1.25, IsFactor: true, Here) });
        context = context with { FloatMilliseconds = LatencyBudget.FloatMilliseconds(context) };

        var candidate = new AutoMethod().Search(context);

        Assert.IsFalse(candidate.Plan.Cuts.IsEmpty);
        Assert.IsTrue(candidate.Costs.Macs < context.FloatCosts.Macs);
    }

    [TestMethod]
    public void Operations_are_saved_where_the_kernels_get_faster_unless_the_policy_names_a_multiple()
    {
        var times = new[] { 20, 24, 28, 32 }.ToDictionary(channels => $"Conv float [1,{channels},14,14] × [{channels},{channels},3,3] pads=1,1,1,1", _ => 1.0);
        var automatic = Open(new BudgetPolicy { Location = Here, Macs = new Bound(2, IsFactor: true, Here) }) with { Latencies = new LatencyTable(known: times) };
        var group = automatic.Facts.Groups.Open.Single(group => group.Channels == 16);

        Assert.AreEqual("0 4 8 12 16", string.Join(' ', Prunable.Options(automatic, group, 16)));
        Assert.AreEqual("0 8", string.Join(' ', Prunable.Options(automatic with { Policy = automatic.Policy with { Prune = new() { KeepMultipleOf = 8 } } }, group, 16)));
        Assert.AreEqual("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14", string.Join(' ', Prunable.Options(automatic with { Policy = automatic.Policy with { Budget = null } }, group, 16)));
    }

    private static SearchContext Open(BudgetPolicy budget) =>
        SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = budget, Quantize = new() { Enabled = false } });
}
