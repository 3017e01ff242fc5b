using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Ranges that are found as the model runs: the integer kernel stays, and inputs of any magnitude are as exact as those of the calibration.</summary>
[TestClass]
public sealed class DynamicRangesTests
{
    [TestMethod]
    public void Inputs_a_thousand_times_smaller_or_larger_than_the_calibration_s_keep_their_accuracy()
    {
        var facts = Compressing.Facts(Products().Build(), Feed(1));
        var (fixedRange, dynamic) = (Apply(facts, isDynamic: false), Apply(facts, isDynamic: true));

        foreach (var magnitude in (float[])[1e-3f, 1, 1e3f])
        {
            var feed = Feed(magnitude);
            var exact = Compressing.Run(facts.Model, feed);
            Assert.IsLessThan(0.03, Compressing.RelativeError(exact, Compressing.Run(dynamic.Model, feed)), $"× {magnitude}");
            if (magnitude != 1) Assert.IsGreaterThan(0.3, Compressing.RelativeError(exact, Compressing.Run(fixedRange.Model, feed)), $"× {magnitude}");
        }
    }

    [TestMethod]
    public void Products_that_share_an_input_share_its_grid_and_run_on_integer_kernels()
    {
        var applied = Apply(Compressing.Facts(Products().Build(), Feed(1)), isDynamic: true);

        Assert.AreEqual(2, applied.Model.Graph.Nodes.Count(node => node.Op == "DynamicQuantizeLinear"));
        Assert.AreEqual(3, applied.Model.Graph.Nodes.Count(node => node.Op == "MatMulIntegerToFloat"));
        Assert.IsTrue(applied.Grids.Values.All(grid => grid.IsDynamic));
        var loaded = OptimizedModel.Of(Lean.Apply(applied.Model)).Nodes.Select(node => node.Op).ToList();
        Assert.IsFalse(loaded.Contains("MatMul") || loaded.Contains("DequantizeLinear"), string.Join(' ', loaded));
    }

    [TestMethod]
    public void A_value_that_another_kind_of_integer_node_reads_keeps_its_calibrated_range()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8);
        builder.Conv(4, 3).Relu();
        builder.Output(builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.3, 8, 8))]));
        var facts = Compressing.Facts(builder.Build(), builder.Feed());
        var plan = Compressing.Uniform(facts, 8);

        var applied = Compressing.Apply(facts, plan with { DynamicRanges = [.. plan.ActivationBits.Keys] });

        Assert.IsFalse(applied.Grids.Values.Any(grid => grid.IsDynamic));
        Assert.IsEmpty(applied.Placement.MayBeDynamic);
    }

    private static AppliedPlan Apply(ModelFacts facts, bool isDynamic)
    {
        var plan = Compressing.Uniform(facts, 8);
        return Compressing.Apply(facts, isDynamic ? plan with { DynamicRanges = [.. plan.ActivationBits.Keys] } : plan);
    }

    /// <summary>Two products of the input, and one of its magnitude: all grow as the input does.</summary>
    private static ModelBuilder Products()
    {
        var builder = new ModelBuilder().Input("x", -1, 6, 16);
        string Product(string value) => builder.Op("MatMul", [value, builder.Constant(builder.Random(0.3, 16, 16))]);
        var first = Product("x");
        var bounded = builder.Op("Abs", [first]);
        builder.Output(Product("x"), Product(bounded));
        return builder;
    }

    private static Dictionary<string, Tensor> Feed(float magnitude) =>
        new() { ["x"] = Tensor.Of([.. new ModelBuilder(seed: 5).Random(1, 32, 6, 16).Floats().Select(value => value * magnitude)], 32, 6, 16) };
}
