using Compress.Diagnostics;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>Which bits a search may choose for activations: those that the policy lists, and no others where a rule says them.</summary>
[TestClass]
public sealed class ProblemBuilderTests
{
    private static readonly SourceLocation Here = new("compress.yaml");
    private static readonly BudgetPolicy Bops = new() { Location = Here, Bops = new Bound(60, IsFactor: true, Here) }, Size = new() { Location = Here, Size = new Bound(4, IsFactor: true, Here) };

    [TestMethod]
    public void An_input_may_keep_8_bits_where_fewer_are_listed()
    {
        CollectionAssert.AreEqual(new[] { 8, 4 }, Bits(Bops, [4])!["x"]);
        CollectionAssert.AreEqual(new[] { 8, 6, 4 }, Bits(Bops, [4, 6])!["x"]);
        CollectionAssert.AreEqual(new[] { 16, 8 }, Bits(Bops, [8, 16])!["x"]);
        CollectionAssert.AreEqual(Sensitivity.ActivationBits, Bits(Bops, [])!["x"]);
        Assert.IsTrue(Bits(Bops, [4])!.Where(value => value.Key != "x").All(value => value.Value is [4]));
    }

    [TestMethod]
    public void An_input_keeps_its_bits_where_nothing_is_saved()
    {
        Assert.IsFalse(Bits(Size, [4, 8]).ContainsKey("x"));
        Assert.IsFalse(Bits(null, [4, 8]).ContainsKey("x"));
        Assert.IsNotEmpty(Bits(null, [4, 8]));
    }

    [TestMethod]
    public void What_a_rule_says_is_not_chosen()
    {
        var rule = new LayerRule(Here) { Activations = 8 };
        Assert.IsFalse(Bits(Bops, [], rule).ContainsKey("x"));
        Assert.HasCount(Bits(Bops, []).Count - 1, Bits(Bops, [], rule));
    }

    /// <summary>Value → the bits that may be chosen.</summary>
    private static Dictionary<string, int[]> Bits(BudgetPolicy? budget, int[] listed, LayerRule? firstLayer = null)
    {
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Budget = budget, Quantize = new QuantizePolicy { Activations = [.. listed] } }, firstLayer);
        var builder = new ProblemBuilder(context, Sensitivity.Measure(context, activations: true, channels: false), 1, 1);
        var choices = builder.Build(new Dictionary<Resource, double>(), 0).Choices;
        return builder.Activations.ToDictionary(entry => entry.Key, entry => choices[entry.Value].Values.ToArray());
    }
}
