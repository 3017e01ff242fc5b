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

    [TestMethod]
    public void Gates_are_the_derivatives_by_a_factor_on_the_channel()
    {
        var (model, evidence, group) = Small(dead: 2);
        var site = group.Consumers[0].Activation;

        var gates = evidence.Gates(site)!;

        // Central differences of the cross entropy, each class as the label: the weights that read the channel stand for the channel itself.
        const double Step = 1e-3;
        var batches = Batches(model);
        Assert.AreEqual(batches.Sum(batch => batch.Samples), gates.Weights.Sum(), 1e-4);
        for (var c = 0; c < group.Channels; c++)
        {
            var (more, less, now) = (Logits(model, group, c, 1 + Step, batches[0]), Logits(model, group, c, 1 - Step, batches[0]), Logits(model, group, c, 1, batches[0]));
            for (var n = 0; n < batches[0].Samples; n++)
            {
                double Loss(float[] z, int label) => Math.Log(Enumerable.Range(0, 3).Sum(k => Math.Exp(z[(n * 3) + k]))) - z[(n * 3) + label];
                int[] likely = [.. Enumerable.Range(0, 3).OrderByDescending(k => now[(n * 3) + k])];
                for (var rank = 0; rank < 3; rank++)
                {
                    Assert.AreEqual((Loss(more, likely[rank]) - Loss(less, likely[rank])) / (2 * Step), gates.Derivatives[c][(rank * batches[0].Samples) + n], 2e-3, $"channel {c}, sample {n}");
                    Assert.AreEqual(Math.Exp(-Loss(now, likely[rank])), gates.Weights[(rank * batches[0].Samples) + n], 1e-5);
                }
            }
        }
    }

    [TestMethod]
    public void Behind_a_linear_head_the_fisher_criterion_by_gradients_is_the_one_by_masking()
    {
        var (model, evidence, _) = Small(dead: 2);
        var last = Cutting.Groups(model, Batches(model)[0].Inputs).Open.Last();

        var (gradients, masked) = (new Fisher().Score(last, evidence), new Fisher().Score(last, evidence with { Gates = _ => null }));

        for (var c = 0; c < last.Channels; c++) Assert.AreEqual(masked[c], gradients[c], 1e-3 * masked.Max(), $"channel {c}");
    }

    /// <summary>The model's scores when the weights that read one channel are scaled.</summary>
    private static float[] Logits(OnnxModel model, ChannelGroup group, int channel, double factor, Batch batch)
    {
        var scaled = model.Clone();
        foreach (var weight in group.Consumers.Select(consumer => consumer.Weight))
        {
            var tensor = scaled.Graph.Constants[weight.Value];
            var inner = (int)Tensor.ElementCount(tensor.Dims.AsSpan(weight.Axis + 1));
            scaled.Graph.Constants[weight.Value] = Tensor.Of([.. tensor.Floats().Select((w, i) => weight.Indices[channel].Contains(i / inner % (int)tensor.Dims[weight.Axis]) ? (float)(w * factor) : w)], tensor.Dims);
        }
        return Cutting.Run(scaled, batch.Inputs).Values.First().Floats();
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
