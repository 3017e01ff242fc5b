using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Plan;

/// <summary>Bits on either side of a layer: of what it really reads and writes.</summary>
[TestClass]
public sealed class PlanCostsTests
{
    [TestMethod]
    public void A_relu_in_between_hides_no_grid()
    {
        var model = new ModelBuilder().Input("x", 1, 3, 6, 6).Conv(8, 3).Relu().Conv(4, 3).Output();
        var (facts, plan, placement) = Planned(model, _ => Arithmetic.Integer);
        Assert.AreEqual(new LayerBits(8, 8, 5), PlanCosts.Bits(Shape(facts, plan, 0), plan, placement));
        Assert.AreEqual(5, PlanCosts.Bits(Shape(facts, plan, 1), plan, placement).Input);
    }

    /// <summary>The value is there in both forms, for a sibling reads it from the grid.</summary>
    [TestMethod]
    public void A_float_layer_beside_an_integer_one_reads_floats()
    {
        var model = new ModelBuilder().Input("x", 1, 3, 6, 6);
        var (first, second) = (model.Conv("x", 8, 3).Last, model.Conv("x", 8, 3).Last);
        var (facts, plan, placement) = Planned(model.Output(first, second), layer => layer.Node.Output == first ? Arithmetic.Float : Arithmetic.Integer);
        Assert.AreEqual((32, 8), (PlanCosts.Bits(Shape(facts, plan, 0), plan, placement).Input, PlanCosts.Bits(Shape(facts, plan, 1), plan, placement).Input));
    }

    private static (ModelFacts, CompressionPlan, Placement) Planned(ModelBuilder model, Func<Layer, Arithmetic> arithmetic)
    {
        var facts = Compressing.Facts(model.Build(), model.Feed());
        var plan = Compressing.Plan(facts, _ => 8, value => value == "x" ? 8 : 5);
        plan = plan with { Layers = plan.Layers.ToDictionary(entry => entry.Key, entry => entry.Value with { Arithmetic = arithmetic(facts.Layers.First(layer => layer.Name == entry.Key)) }).ToImmutableSortedDictionary(StringComparer.Ordinal) };
        return (facts, plan, PlanApplier.Place(PrunedModel.Of(facts, plan.Cuts), plan));
    }

    private static LayerShape Shape(ModelFacts facts, CompressionPlan plan, int index) => Compressing.Apply(facts, plan).Shapes[index];
}
