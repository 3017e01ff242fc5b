using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Core.Tests.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests.Search;

[TestClass]
public sealed class MeasuredEvidenceTests
{
    private static readonly IChannelImportance[] All =
        [new WeightMagnitudeL1(), new WeightMagnitudeL2(), new MeanAbsoluteActivation(), new ActivationFrequency(), new FeatureMapRank(), new ConsumerEnergy(), new Taylor(), new Fisher()];

    [TestMethod]
    public void Every_criterion_ranks_a_channel_without_effect_last()
    {
        var (_, evidence, group) = Small(dead: 2);

        foreach (var criterion in All)
        {
            var scores = criterion.Score(group, evidence);

            Assert.AreEqual(group.Channels, scores.Length);
            Assert.IsTrue(scores.All(score => score >= 0 && double.IsFinite(score)), criterion.GetType().Name);
            Assert.AreEqual(scores.Min(), scores[2], 1e-12, criterion.GetType().Name);
        }
    }

    [TestMethod]
    public void Activations_are_averaged_over_batches()
    {
        var (model, evidence, group) = Small(dead: 2);
        var site = group.Consumers[0].Activation;
        var batches = Batches(model);

        var expected = batches.Select(batch =>
        {
            var probe = model.Clone();
            probe.Graph.Outputs.Clear();
            probe.Graph.Outputs.Add(new() { Name = site.Value });
            var x = Cutting.Run(probe, batch.Inputs)[site.Value];
            var size = (int)(x.Dims[2] * x.Dims[3]);
            return Enumerable.Range(0, 5).Select(c => Enumerable.Range(0, (int)x.Dims[0]).Average(n => x.Floats().Skip(((n * 5) + c) * size).Take(size).Average(v => Math.Abs((double)v)))).ToArray();
        }).ToArray();

        for (var c = 0; c < 5; c++) Assert.AreEqual(expected.Average(batch => batch[c]), evidence.Activation(site.Value, site.Axis).MeanAbsolute[c], 1e-6);
    }

    private static (OnnxModel Model, ChannelEvidence Evidence, ChannelGroup Group) Small(int dead)
    {
        var model = new ModelBuilder(seed: 3).Input("x", -1, 3, 6, 6).Conv(5, 3).Relu().Conv(4, 3).GlobalPool().Flatten().Dense(3).Build();
        // One channel whose filter is zero and whose bias keeps it behind the ReLU.
        var first = model.Graph.Nodes[0];
        var (weight, bias) = (model.Graph.Constants[first.Inputs[1]], model.Graph.Constants[first.Inputs[2]]);
        model.Graph.Constants[first.Inputs[1]] = Tensor.Of([.. weight.Floats().Select((w, i) => i / 27 == dead ? 0 : w)], weight.Dims);
        model.Graph.Constants[first.Inputs[2]] = Tensor.Of([.. bias.Floats().Select((b, i) => i == dead ? 0 : b)], bias.Dims);
        var batches = Batches(model);
        var groups = Cutting.Groups(model, batches[0].Inputs);
        return (model, new MeasuredEvidence(model, groups, batches, threads: 1, withRanks: true, areScores: true).With(), groups.Open.First());
    }

    private static Batch[] Batches(OnnxModel model)
    {
        var random = new ModelBuilder(seed: 9);
        return [.. Enumerable.Range(0, 3).Select(_ => new Batch(new Dictionary<string, Tensor> { ["x"] = random.Random(1, 4, 3, 6, 6) }, new Dictionary<string, Tensor>(), 4))];
    }
}
