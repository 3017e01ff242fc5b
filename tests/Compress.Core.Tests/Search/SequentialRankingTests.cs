using Compress.Core.Tests.Analysis;
using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Search;

namespace Compress.Core.Tests.Search;

[TestClass]
public sealed class SequentialRankingTests
{
    [TestMethod]
    public void A_group_is_ranked_by_what_the_pruned_prefix_gives()
    {
        var context = SmallSearch.Open(SmallSearch.Network());
        var facts = context.Facts;
        var cuts = new List<ChannelCut>();

        foreach (var (group, scores) in SequentialRanking.Scores(context, 0.5, samples: 40))
        {
            // The oracle runs the masked model batch by batch, averages each site, and divides by the site's mean.
            var masked = Compress.Apply.MaskChannels.Apply(facts.Model, facts.Groups, cuts);
            var sites = group.Consumers.Select(consumer => consumer.Activation.Value).Distinct().Select(value =>
            {
                var mean = new double[group.Channels];
                for (var b = 0; b < facts.Samples.Count; b++)
                {
                    var batch = MeanAbsolute(masked, value, facts.Samples[b].Inputs);
                    for (var c = 0; c < mean.Length; c++) mean[c] = ((b * mean[c]) + batch[c]) / (b + 1);
                }
                return mean.Select(m => m / mean.Average()).ToArray();
            }).ToList();
            for (var c = 0; c < group.Channels; c++) Assert.AreEqual(sites.Average(site => site[c]), scores[c], 1e-5, $"{group.Id} channel {c}");

            var kept = scores.Order().ElementAt(group.Channels / 2);
            cuts.Add(new ChannelCut(group.Id, [.. Enumerable.Range(0, group.Channels).Where(c => scores[c] >= kept)]));
        }

        Assert.AreEqual(string.Join('|', cuts.Select(cut => string.Join(' ', cut.Kept))), string.Join('|', SequentialRanking.Cuts(context, 0.5, 40).Select(cut => string.Join(' ', cut.Kept))));
    }

    [TestMethod]
    public void Rankings_behind_a_pruned_prefix_differ_from_those_of_one_shot()
    {
        var context = SmallSearch.Open(SmallSearch.Network());
        var facts = context.Facts;
        var evidence = new MeasuredEvidence(facts.Model, facts.Groups, facts.Samples, threads: 1).With();

        var agreement = SequentialRanking.Scores(context, 0.5, 40).Select(ranked => Kendall.Tau(new MeanAbsoluteActivation().Score(ranked.Group, evidence), ranked.Scores)).ToArray();

        Assert.AreEqual(1, agreement[0], 1e-12, "Nothing is pruned before the first group.");
        Assert.IsTrue(agreement[1..].All(tau => tau < 1) && agreement[^1] > 0, string.Join(' ', agreement));
    }

    [TestMethod]
    public void Nothing_goes_at_a_sparsity_of_zero() => Assert.AreEqual(0, SequentialRanking.Cuts(SmallSearch.Open(SmallSearch.Network()), 0, 40).Count);

    private static double[] MeanAbsolute(OnnxModel model, string value, IReadOnlyDictionary<string, Tensor> feed)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        probe.Graph.Outputs.Add(new() { Name = value });
        var x = Cutting.Run(probe, feed)[value];
        var (n, channels) = ((int)x.Dims[0], (int)x.Dims[1]);
        var size = x.Count / (n * channels);
        return [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, n).Average(i => x.Floats().Skip((int)(((i * channels) + c) * size)).Take((int)size).Average(v => Math.Abs((double)v))))];
    }
}
