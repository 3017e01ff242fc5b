using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// Ranks the channels of each group in graph order, by the network whose earlier groups have lost theirs: a ranking changes with the sparsity before it
/// (Zhang, Colbert, Das). Channels that went count for nothing but keep their place, so that groups and scores stay those of the float model.
/// </summary>
public static class SequentialRanking
{
    /// <summary>The cuts for one sparsity everywhere, but where a rule of the policy gives another share.</summary>
    /// <param name="samples">How many calibration samples the ranking runs on, in whole batches.</param>
    public static IReadOnlyList<ChannelCut> Cuts(SearchContext context, double sparsity, int samples) =>
        [.. Scores(context, sparsity, samples).Select(group => new ChannelCut(group.Group.Id, Prunable.Kept(context, group.Group, group.Scores, Prunable.Share(context, group.Group) ?? sparsity)))];

    /// <summary>Scores of every group that may be cut, in graph order: the running mean of absolute activations where the group is read.</summary>
    public static IReadOnlyList<(ChannelGroup Group, double[] Scores)> Scores(SearchContext context, double sparsity, int samples)
    {
        var cuts = new List<ChannelCut>();
        var scored = new List<(ChannelGroup, double[])>();
        foreach (var group in Prunable.Groups(context))
        {
            var share = Prunable.Share(context, group) ?? sparsity;
            if (share <= 0) continue;
            context.Cancellation.ThrowIfCancellationRequested();
            var scores = Scores(context, group, cuts, samples);
            scored.Add((group, scores));
            cuts.Add(new ChannelCut(group.Id, Prunable.Kept(context, group, scores, share)));
        }
        return scored;
    }

    /// <summary>Scores of one group by the network that has lost some channels before it.</summary>
    public static double[] Scores(SearchContext context, ChannelGroup group, IReadOnlyList<ChannelCut> cuts, int samples)
    {
        var facts = context.Facts;
        var batches = facts.Samples.Take(Math.Max(1, samples / facts.Samples[0].Samples)).ToList();
        var prefix = MaskChannels.Apply(facts.Model, facts.Groups, cuts);
        var evidence = new MeasuredEvidence(prefix, facts.Groups with { Groups = [group] }, batches, context.Threads).With();
        // What nobody sums over has no site; only the weights that make it tell its channels apart.
        IChannelImportance importance = group.Consumers.Count > 0 ? new MeanAbsoluteActivation() : new WeightMagnitudeL1();
        return importance.Score(group, evidence);
    }
}
