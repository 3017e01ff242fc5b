using Compress.Plan;

namespace Compress.Search.Trained;

/// <summary>
/// Layerwise pruning with its training (Zhang, Colbert, Das 2022): the network is trained on while one site after the other loses its channels, each ranked by what
/// training has reached; then the pruned network is trained, and for the last third of the time the quantized one (75 and 15 epochs in
/// the paper, for 4 bits and more). How many
/// channels go, the untrained search says. A site is ranked once, not five times while it trains.
/// </summary>
internal sealed class SiteBySite : ITrainedForm
{
    /// <summary>Shares of the time: all sites together, and the quantized network.</summary>
    private const double Pruning = 0.25, Quantized = 1.0 / 3;

    public TrainedPlan Run(TrainingCourse course)
    {
        var found = course.Find(course.Search);
        if (found.Plan.ChangesNothing || !course.Search.Facts.HasSamples) return new PlanThenTrain().Run(course);
        var (context, cuts) = (course.Search, new List<ChannelCut>());
        var counts = found.Plan.Cuts.ToDictionary(cut => cut.Group, cut => cut.Kept.Count, StringComparer.Ordinal);
        foreach (var id in course.Search.Facts.Groups.Open.Select(group => group.Id).Where(counts.ContainsKey))
        {
            var group = context.Facts.Groups.Open.First(group => group.Id == id);
            var scores = SequentialRanking.Scores(context, group, cuts, LayerwiseMethod.RankingSamples);
            cuts.Add(new ChannelCut(id, [.. Enumerable.Range(0, scores.Length).OrderByDescending(channel => scores[channel]).ThenBy(channel => channel).Take(counts[id]).Order()]));
            context = course.From(course.LearnFloat($"after {id} lost channels", context, cuts, Pruning / counts.Count));
        }
        context = course.From(course.LearnFloat("the pruned network", context, cuts, 1 - Quantized - (cuts.Count > 0 ? Pruning : 0)));

        var last = context.Build(found.Plan with { Cuts = [.. found.Plan.Cuts.Select(cut => cuts.Single(own => own.Group == cut.Group))], Grids = found.Plan.Grids.Clear() });
        return new TrainedPlan(found, last.Plan, course.Learn("the quantized network", context, last, Quantized));
    }
}
