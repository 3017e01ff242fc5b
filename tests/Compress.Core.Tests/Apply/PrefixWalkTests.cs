using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class PrefixWalkTests
{
    [TestMethod]
    public void A_walk_that_changes_nothing_gives_the_weights_back()
    {
        var (facts, _) = Residual();
        using var walk = new PrefixWalk(facts, PrunedModel.Of(facts, []), new Dictionary<string, Quantizer>(), threads: 1);

        var results = walk.Run([.. facts.Layers.Select(layer => new LayerTask(layer, 32))]);

        foreach (var layer in facts.Layers)
        {
            var (before, after) = (facts.Model.Graph.Constants[layer.Weight].Doubles(), Array.ConvertAll(results[layer.Name].FloatWeights, value => (double)value));
            Assert.IsLessThan(1e-3, Compressing.RelativeError(before, after), layer.Name);
            Assert.IsLessThan(1e-3, Compressing.RelativeError(facts.Model.Graph.Constants[layer.Bias!].Doubles(), Array.ConvertAll(results[layer.Name].Bias, value => (double)value)), layer.Name);
            Assert.IsLessThan(1e-6, results[layer.Name].Error, layer.Name);
            Assert.IsNull(results[layer.Name].Weights);
        }
    }

    [TestMethod]
    public void The_same_bytes_with_one_thread_and_with_two()
    {
        var (facts, plan) = Residual();

        CollectionAssert.AreEqual(OnnxWriter.ToBytes(Compressing.Apply(facts, plan, threads: 1).Model), OnnxWriter.ToBytes(Compressing.Apply(facts, plan, threads: 2).Model));
    }

    [TestMethod]
    public void Layers_make_up_for_what_came_before_them()
    {
        var (facts, plan) = Residual();
        var walked = Compressing.Apply(facts, plan).Model;
        var alone = PlanApplier.Sketch(facts, plan).Model;
        var feed = facts.Samples[0].Inputs;
        var reference = Compressing.Run(facts.Model, feed);

        Assert.IsLessThan(0.6 * Compressing.RelativeError(reference, Compressing.Run(alone, feed)), Compressing.RelativeError(reference, Compressing.Run(walked, feed)));
    }

    [TestMethod]
    public void Cut_channels_are_made_up_for()
    {
        var (facts, _) = Residual();
        var group = facts.Groups.Open.MaxBy(open => open.Channels)!;
        var cut = new ChannelCut(group.Id, [.. Enumerable.Range(0, group.Channels - 2)]);
        var refitted = Compressing.Apply(facts, Compressing.Plan(facts, _ => 32, _ => 32, cut)).Model;
        var plain = RemoveChannels.Apply(facts.Model, facts.Groups, [cut]);
        var feed = facts.Samples[0].Inputs;
        var reference = Compressing.Run(facts.Model, feed);

        Assert.IsLessThan(0.7 * Compressing.RelativeError(reference, Compressing.Run(plain, feed)), Compressing.RelativeError(reference, Compressing.Run(refitted, feed)));
    }

    [TestMethod]
    public void A_product_without_bias_keeps_the_mean_of_its_output()
    {
        var builder = new ModelBuilder(seed: 4).Input("x", 64, 8);
        builder.Op("MatMul", [builder.Op("Add", ["x", builder.Constant(Tensor.Scalar(50))]), builder.Constant(builder.Random(0.4, 8, 5), "w")]);
        var feed = builder.Feed();
        var facts = Compressing.Facts(builder.Build(), feed);

        var (expected, actual) = (Compressing.Run(facts.Model, feed).Values.Single().Floats(), Compressing.Run(Compressing.Apply(facts, Compressing.Uniform(facts, 4, 32)).Model, feed).Values.Single().Floats());

        for (var c = 0; c < 5; c++)
            Assert.AreEqual(Enumerable.Range(0, 64).Average(r => expected[(r * 5) + c]), Enumerable.Range(0, 64).Average(r => actual[(r * 5) + c]), 0.3, $"column {c}");
    }

    [TestMethod]
    public void A_product_before_a_residual_sum_absorbs_the_error_of_the_shortcut_also_with_its_bias_in_between()
    {
        var builder = new ModelBuilder(seed: 6).Input("x", -1, 4, 6);
        string Dense(string input, int inner, int outer) =>
            builder.Op("Add", [builder.Op("MatMul", [input, builder.Constant(builder.Random(0.6, inner, outer), "w")]), builder.Constant(builder.Random(0.2, outer), "b")]);
        var shortcut = builder.Op("Relu", [Dense("x", 6, 8)]);
        builder.Op("Add", [shortcut, Dense(builder.Op("Relu", [Dense(shortcut, 8, 16)]), 16, 8)]);
        var facts = Compressing.Facts(builder.Build(), [.. Enumerable.Range(0, 6).Select(_ => builder.Feed(batch: 32))]);
        var (first, last) = (facts.Layers[0], facts.Layers[^1]);

        double Error(params LayerTask[] tasks)
        {
            using var walk = new PrefixWalk(facts, PrunedModel.Of(facts, []), new Dictionary<string, Quantizer>(), threads: 1);
            var model = facts.Model.Clone();
            foreach (var (name, result) in walk.Run(tasks))
            {
                var layer = facts.Layers.Single(layer => layer.Name == name);
                model.Graph.Constants[layer.Weight] = Tensor.Of(result.FloatWeights, model.Graph.Constants[layer.Weight].Dims);
                model.Graph.Constants[layer.Bias!] = Tensor.Of(result.Bias, result.Bias.Length);
            }
            return Compressing.RelativeError(Compressing.Run(facts.Model, facts.Samples[0].Inputs), Compressing.Run(model, facts.Samples[0].Inputs));
        }

        Assert.IsLessThan(0.7 * Error(new LayerTask(first, 2)), Error(new LayerTask(first, 2), new LayerTask(last, 32)));
    }

    private static (Compress.Analysis.ModelFacts Facts, CompressionPlan Plan) Residual()
    {
        var builder = new ModelBuilder(seed: 8).Input("x", -1, 3, 8, 8).Conv(8, 3).Relu();
        var shortcut = builder.Last;
        builder.Conv(10, 3).Relu().Conv(8, 3).Add(shortcut, builder.Last).Relu().Conv(6, 3).Relu().GlobalPool().Flatten().Dense(4);
        var facts = Compressing.Facts(builder.Build(), [.. Enumerable.Range(0, 6).Select(_ => builder.Feed(batch: 16))]);
        return (facts, Compressing.Uniform(facts, 4));
    }
}
