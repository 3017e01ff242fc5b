using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// Physics-inspired criterion pruning-quantization (PIC-PQ): a channel's importance is an affine function of the rank of its feature maps, one sort of all
/// channels prunes to the budget (<see cref="GlobalRanking"/>), bits follow from what a layer retains, and the affine functions are found by regularized
/// evolution. Their fitness, in the paper the loss after 200 steps of training, is the computed loss of the removed channels with their readers refitted
/// plus the measured damage of rounding; the best of it are carried out. The published maxima of the bits are lowered alike in all layers until the budget
/// costs no more MACs than the published 55 %; the next two levels below compete with it.
/// </summary>
public sealed class PicPqMethod : ProposingMethod
{
    /// <summary>Share of MACs that is kept, as published.</summary>
    private const double PublishedShare = 0.45;

    private const int Levels = 3;

    /// <summary>Lowered by so much all layers have 2 bits.</summary>
    private const int LowestLevel = 6;

    /// <summary>Batches that ranks of feature maps are averaged over: they hardly depend on the images.</summary>
    private const int RankedBatches = 2;

    protected override IReadOnlyList<Proposal> Propose(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits)
    {
        var (context, problem) = (space.Context, space.Problem(limits));
        var evidence = new MeasuredEvidence(context.Facts.Model, context.Facts.Groups, [.. context.Facts.Samples.Take(RankedBatches)], context.Threads, withRanks: true).With();
        var ranking = new GlobalRanking(space, layer => LayerScores.PerChannel(layer.Activation, i => evidence.Activation(layer.Activation.Value, layer.Activation.Axis).Rank[i]));
        var deviations = ranking.Deviations;
        var losses = space.Groups.Keys.ToDictionary(id => id, id => ChannelElimination.Losses(context.Facts.Groups.Open.First(group => group.Id == id).Channels, space.Sensitivity.Readers[id]), StringComparer.Ordinal);

        var first = FirstLevel(ranking, problem, AffineCriterion.Identity(deviations.Length), context.FloatCosts.Macs);
        var found = new List<(Proposal Proposal, double Loss)>();
        for (var lowered = first; lowered <= Math.Min(LowestLevel, first + Levels - 1); lowered++)
        {
            var level = new List<(Proposal Proposal, double Loss)>();
            RegularizedEvolution.Run(deviations, criterion =>
            {
                var proposal = ranking.Prune(criterion, problem, lowered);
                level.Add((proposal, Loss(space, problem, proposal, losses)));
                return level[^1].Loss;
            }, context.Policy.Seed, context.Course.Part(lowered - first, Levels));
            found.AddRange(level.OrderBy(entry => entry.Loss).DistinctBy(entry => Signature(entry.Proposal)).Take(ChoiceSpace.Finalists / Levels));
        }
        return [.. found.OrderBy(entry => entry.Loss).Select(entry => entry.Proposal)];
    }

    private static int FirstLevel(GlobalRanking ranking, ChoiceProblem problem, AffineCriterion identity, double macs)
    {
        for (var lowered = 0; lowered < LowestLevel; lowered++)
        {
            var options = ranking.Prune(identity, problem, lowered).Options;
            if (BudgetWall.Fits(problem, options) && problem.Cost(Resource.Macs, options) >= Math.Min(PublishedShare * macs, problem.Limits.GetValueOrDefault(Resource.Macs, macs) * PublishedShare)) return lowered;
        }
        return LowestLevel;
    }

    /// <summary>What is lost by the removed channels, by rounding and by the activations' grids; infinite beyond the limits.</summary>
    private static double Loss(ChoiceSpace space, ChoiceProblem problem, Proposal proposal, Dictionary<string, double[]> losses)
    {
        if (!BudgetWall.Fits(problem, proposal.Options)) return 1e12 * (1 + BudgetWall.Excess(problem, proposal.Options));
        var removed = space.Groups.Sum(group => proposal.Orders[group.Key].Take(problem.Choices[group.Value].Values[proposal.Options[group.Value]]).Sum(channel => losses[group.Key][channel]));
        return removed + space.Weights.Values.Concat(space.Activations.Values).Sum(choice => problem.Choices[choice].Damage[proposal.Options[choice]]);
    }

    private static string Signature(Proposal proposal) => string.Join(' ', proposal.Options) + string.Join(' ', proposal.Orders.Select(order => string.Join(',', order.Value)));
}
