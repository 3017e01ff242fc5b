using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>`spread: measured`: as many channels go as when each group lost the same share, but where the outputs miss them least.</summary>
[TestClass]
public sealed class MeasuredSharesTests
{
    [TestMethod]
    public void As_many_channels_go_as_by_even_shares_and_the_outputs_are_no_worse()
    {
        var even = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Quantize = new() { Enabled = false }, Prune = new() { Ratio = 0.5 } });
        var measured = even with { Policy = even.Policy with { Prune = new() { Ratio = 0.5, Spread = PruneSpread.Measured } } };
        int Gone(SearchContext context) => Prunable.WithFixedCuts(context).Cuts.Sum(cut => context.Facts.Groups.Open.Single(group => group.Id == cut.Group).Channels - cut.Kept.Count);

        var (evenly, spread) = (new AutoMethod().Search(even), new AutoMethod().Search(measured));

        Assert.AreEqual(Gone(even), Gone(measured));
        Assert.IsLessThanOrEqualTo(1.02 * AutoMethod.Damage(even, evenly), AutoMethod.Damage(measured, spread));
    }

    [TestMethod]
    public void The_cheapest_options_are_those_that_trying_all_finds()
    {
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            var options = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Enumerable.Range(0, random.Next(2, 6)).Select(i => (Count: i * random.Next(1, 4), Damage: i == 0 ? 0 : random.NextDouble() * i)).ToArray()).ToList();
            var wanted = random.Next(0, options.Sum(list => list.Max(option => option.Count)) + 1);

            var chosen = MeasuredShares.Cheapest(options, wanted);

            double Damage(IEnumerable<int> counts) => counts.Select((count, i) => options[i].Where(option => option.Count == count).Min(option => option.Damage)).Sum();
            var best = All(options).Where(counts => counts.Sum() >= wanted).Min(Damage);
            Assert.IsGreaterThanOrEqualTo(wanted, chosen.Sum());
            Assert.AreEqual(best, Damage(chosen), 1e-12, $"round {round}");
        }
    }

    private static IEnumerable<int[]> All(IReadOnlyList<(int Count, double Damage)[]> options) =>
        options.Aggregate((IEnumerable<int[]>)[[]], (chosen, list) => chosen.SelectMany(counts => list.Select(option => (int[])[.. counts, option.Count])));
}
