using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Channels of several widths in one layer: smaller on disk, the same kernels, not a bit different from the same codes stored in bytes.</summary>
[TestClass]
public sealed class ChannelBitsTests
{
    [TestMethod]
    [DataRow(Rounding.Auto)]
    [DataRow(Rounding.Nearest)]
    [DataRow(Rounding.Max)]
    public void A_layer_of_several_widths_gives_what_its_codes_give_in_bytes(Rounding rounding)
    {
        var (facts, plan, feed) = Mixed(rounding);

        var applied = Compressing.Apply(facts, plan);
        var bytes = applied.Layers.ToDictionary(entry => entry.Key, entry => entry.Value with { Weights = entry.Value.Weights! with { Widths = null, Bits = 8 } });
        var stored = Lean.Apply(OperatorForm.Apply(QuantizedGraph.Build(new PreparedPlan(PrunedModel.Of(facts, []), applied.Placement, applied.Grids, [], bytes))));

        foreach (var (name, tensor) in Compressing.Run(Lean.Apply(applied.Model), feed)) CollectionAssert.AreEqual(Compressing.Run(stored, feed)[name].Floats(), tensor.Floats());
        Assert.AreEqual(OptimizedModel.Census(OptimizedModel.Of(stored)), OptimizedModel.Census(OptimizedModel.Of(Lean.Apply(applied.Model))), "integer kernels and nothing else");
        StringAssert.Contains(OptimizedModel.Census(OptimizedModel.Of(stored)), "QLinearConv");
    }

    [TestMethod]
    public void Codes_stay_within_the_width_of_their_channel()
    {
        var (facts, plan, _) = Mixed(Rounding.Auto);

        foreach (var (name, result) in Compressing.Apply(facts, plan).Layers)
        {
            var weights = result.Weights!;
            if (!plan.ChannelBits.TryGetValue(name, out var widths)) continue;
            for (var i = 0; i < weights.Codes.Length; i++)
            {
                var grid = WeightGrid.Of(widths[i / weights.Columns / weights.RowsPerScale]);
                Assert.IsTrue(weights.Codes[i] >= grid.Low && weights.Codes[i] <= grid.High);
            }
        }
    }

    [TestMethod]
    public void Costs_take_the_mean_and_the_file_shrinks()
    {
        var (facts, plan, _) = Mixed(Rounding.Nearest);
        var widest = plan with { ChannelBits = plan.ChannelBits.Clear() };
        var (mixed, uniform) = (Compressing.Apply(facts, plan), Compressing.Apply(facts, widest));

        var name = facts.Layers[1].Name;
        Assert.AreEqual(plan.ChannelBits[name].Average(), PlanCosts.Bits(mixed.Shapes.First(shape => shape.Name == name), plan, mixed.Placement).Weights, 1e-12);
        Assert.IsLessThan(PlanCosts.Of(uniform.Shapes, widest, uniform.Placement).Bops, PlanCosts.Of(mixed.Shapes, plan, mixed.Placement).Bops);
        Assert.IsLessThan(OnnxWriter.ToBytes(Lean.Apply(uniform.Model)).Length, OnnxWriter.ToBytes(Lean.Apply(mixed.Model)).Length);
    }

    /// <summary>Two convolutions of 2 to 6 bits between two of one width, then a dense layer of several.</summary>
    private static (ModelFacts Facts, CompressionPlan Plan, IReadOnlyDictionary<string, Tensor> Feed) Mixed(Rounding rounding)
    {
        var builder = new ModelBuilder(seed: 4).Input("x", 8, 3, 8, 8).Conv(8, 3).Relu().Conv(64, 3).Relu().Conv(48, 3).Relu().GlobalPool().Flatten().Dense(40).Relu().Dense(4);
        var feed = new Dictionary<string, Tensor> { ["x"] = builder.Random(1, 8, 3, 8, 8) };
        var facts = Compressing.Facts(builder.Build(), feed);
        var random = new Random(2);
        var mixed = facts.Layers.Skip(1).Take(3).ToImmutableSortedDictionary(
            layer => layer.Name,
            layer => ImmutableArray.CreateRange(Enumerable.Range(0, (int)facts.Model.Graph.Constants[layer.Weight].Dims[WeightMatrix.ScaleAxis(layer)]).Select(i => i == 0 ? 6 : random.Next(2, 7))),
            StringComparer.Ordinal);
        var plan = Compressing.Plan(facts, layer => mixed.ContainsKey(layer.Name) ? 6 : 8, _ => 8) with { ChannelBits = mixed, Rounding = rounding };
        return (facts, plan, feed);
    }
}
