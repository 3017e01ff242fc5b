using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>A residual branch without any channels is not there: what stays is its shortcut.</summary>
[TestClass]
public sealed class OptionalBranchTests
{
    [TestMethod]
    public void A_group_that_feeds_a_branch_alone_can_go_whole_and_no_other_can()
    {
        var facts = Compressing.Facts(Blocks(out _).Build(), Feed());

        var optional = facts.Groups.Open.Where(group => OptionalBranch.Of(group, facts) is not null).Select(group => group.Channels).ToArray();

        CollectionAssert.AreEqual(new[] { 10, 12 }, optional, "neither the residual stream nor the last layers");
    }

    [TestMethod]
    [DataRow(32)]
    [DataRow(8)]
    public void Without_its_channels_the_sum_is_the_shortcut(int bits)
    {
        var builder = Blocks(out var shortcuts);
        var facts = Compressing.Facts(builder.Build(), [.. Enumerable.Range(0, 6).Select(_ => Feed(16))]);
        var gone = facts.Groups.Open.Single(group => group.Channels == 10);

        var applied = Compressing.Apply(facts, Compressing.Plan(facts, _ => bits, _ => bits, new ChannelCut(gone.Id, [])));
        var written = Lean.Apply(applied.Model);

        GraphRules.CheckAfter("dropping a branch", applied.Model);
        Assert.AreEqual(facts.Layers.Count - 2, Layers(written));
        Assert.IsFalse(written.Graph.Nodes.Any(node => node.Is("Identity")));
        CollectionAssert.AreEqual(facts.Layers.Select(layer => layer.Name).Except(gone.Layers).ToArray(), applied.Shapes.Select(shape => shape.Name).ToArray());
        var reference = Compressing.Run(facts.Model, facts.Samples[0].Inputs);
        Assert.IsLessThan(1, Compressing.RelativeError(reference, Compressing.Run(written, facts.Samples[0].Inputs)));
        Assert.AreEqual(2, shortcuts);
    }

    [TestMethod]
    public void What_is_left_computes_the_model_with_a_branch_of_zeros()
    {
        var facts = Compressing.Facts(Blocks(out _).Build(), Feed());
        ChannelCut[] cuts = [.. facts.Groups.Open.Where(group => OptionalBranch.Of(group, facts) is not null).Select(group => new ChannelCut(group.Id, []))];
        var zeros = facts.Model.Clone();
        foreach (var layer in facts.Layers.Where(layer => facts.Groups.Open.Any(group => cuts.Any(cut => cut.Group == group.Id) && group.Consumers.Any(reader => reader.Layer == layer.Name))))
            foreach (var name in new[] { layer.Weight, layer.Bias! })
                zeros.Graph.Constants[name] = Tensor.Of(new float[zeros.Graph.Constants[name].Count], zeros.Graph.Constants[name].Dims);

        var pruned = Lean.Apply(PrunedModel.Of(facts, cuts).Model);

        var (expected, actual) = (Compressing.Run(zeros, facts.Samples[0].Inputs).Values.Single(), Compressing.Run(pruned, facts.Samples[0].Inputs).Values.Single());
        Assert.IsLessThan(1e-5, expected.Floats().Zip(actual.Floats(), (a, b) => Math.Abs(a - b)).Max());
        Assert.AreEqual(1, pruned.Graph.Nodes.Count(node => node.Is("Relu")), "the last layer's alone, and one Relu for those in a row");
    }

    [TestMethod]
    public void Losing_everything_costs_the_variance_of_what_was_read()
    {
        var facts = Compressing.Facts(Blocks(out _).Build(), Feed(16));
        var group = facts.Groups.Open.Single(group => group.Channels == 10);
        var moments = LayerStatistics.Collect(facts, facts.Layers, threads: 1);

        var elimination = ChannelElimination.Of(group.Channels, ChannelReaders.Of(group, facts, moments, _ => 1)!);

        Assert.IsGreaterThan(elimination.Cost[^1], elimination.CostOf(10));
        Assert.AreEqual(1, elimination.CostOf(10), 0.05, "of the output's variance, but for the damping");
        Assert.IsEmpty(elimination.Kept(10, 10));
    }

    /// <summary>Two residual blocks of 10 and 12 channels inside, on a stream of 8.</summary>
    private static ModelBuilder Blocks(out int shortcuts)
    {
        var builder = new ModelBuilder(seed: 8).Input("x", -1, 3, 8, 8).Conv(8, 3).Relu();
        shortcuts = 0;
        foreach (var inner in new[] { 10, 12 })
        {
            var shortcut = builder.Last;
            builder.Conv(inner, 3).Relu().Conv(8, 3).Add(shortcut, builder.Last).Relu();
            shortcuts++;
        }
        return builder.GlobalPool().Flatten().Dense(4);
    }

    private static IReadOnlyDictionary<string, Tensor> Feed(int batch = 2) => new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: batch).Random(1, batch, 3, 8, 8) };

    private static int Layers(OnnxModel model) => model.Graph.Nodes.Count(node => node.Op is "Conv" or "Gemm" or "QLinearConv" or "QLinearMatMul" or "QGemm");
}
