using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>Damage of widths that are not probed follows from one that is, near to what a measurement of its own finds.</summary>
[TestClass]
public sealed class SensitivityTests
{
    [TestMethod]
    public void Activations_of_6_to_8_bits_cost_what_they_do_when_measured()
    {
        var context = SmallSearch.Open(SmallSearch.Network());
        var sensitivity = Sensitivity.Measure(context, activations: true, channels: false);
        var (ratios, facts) = (new List<double>(), context.Facts);
        foreach (var value in sensitivity.Activations.Keys.Where(value => facts.Model.Graph.Nodes.Any(node => node.Inputs.Contains(value))))
            foreach (var bits in (int[])[6, 7, 8])
            {
                var grid = RangeSearch.Choose(facts.Histograms[value], bits, RangeMethod.Mse);
                var changed = facts.Model.Clone();
                foreach (var node in changed.Graph.Nodes)
                    for (var i = 0; i < node.Inputs.Count; i++)
                        if (node.Inputs[i] == value) node.Inputs[i] = value + ".on-grid";
                var at = changed.Graph.IsInput(value) ? 0 : changed.Graph.Nodes.FindIndex(node => node.Outputs.Contains(value)) + 1;
                changed.Graph.Nodes.InsertRange(at, FakeQuantization.OnGrid(value, value + ".on-grid", grid, changed.Graph));
                ratios.Add(sensitivity.Activations[value][bits] / Damage(context, changed));
            }

        // Single ones are off by what a calibration range happens to be worth at that width.
        ratios.Sort();
        Assert.IsGreaterThan(0.2, ratios[0], string.Join(' ', ratios));
        Assert.IsLessThan(5, ratios[^1], string.Join(' ', ratios));
        Assert.AreEqual(1, ratios[ratios.Count / 2], 0.5, string.Join(' ', ratios));
    }

    [TestMethod]
    public void Each_bit_beyond_five_costs_a_quarter_and_none_fewer_than_that_is_guessed()
    {
        var sensitivity = Sensitivity.Measure(SmallSearch.Open(SmallSearch.Network()), activations: true, channels: false);

        foreach (var damage in sensitivity.Weights.Values.Concat(sensitivity.Activations.Values))
        {
            Assert.IsGreaterThan(0, damage[5]);
            foreach (var bits in (int[])[6, 7, 8]) Assert.AreEqual(damage[bits - 1] / 4, damage[bits], 1e-15);
            Assert.AreNotEqual(damage[5] * 4, damage[4]);
        }
        CollectionAssert.AreEquivalent(Sensitivity.WeightBits, sensitivity.Weights.Values.First().Keys.ToArray());
    }

    private static double Damage(SearchContext context, OnnxModel changed)
    {
        using var exact = new Session(context.Facts.Model, new SessionSettings());
        using var actual = new Session(changed, new SessionSettings());
        var output = context.Facts.Model.Graph.Outputs[0].Name;
        var probed = Sensitivity.Probed(context.Facts);
        return probed.Average(batch => OutputDamage.Of(exact.Run(batch.Inputs)[output], actual.Run(batch.Inputs)[output], asDistribution: false));
    }
}
