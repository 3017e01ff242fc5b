using Compress.Plan;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>
/// Plan, train, plan again: sensitivities of a trained network are others. After a third of the time the same budget is searched for once more, from the weights that
/// training has reached. The new plan is taken where, carried out from there, it does less damage than the first one does trained, and trained for the rest of the
/// time; at the end what is nearer to the float model counts. Else the first plan is trained further. Without a budget the gate has said how far to go: then one plan is
/// trained. In few bits there is nothing to plan from (<see cref="LeastBits"/>), and the plan is trained as PIC-PQ does it, which begins in float.
/// </summary>
internal sealed class Replanned : ITrainedForm
{
    private const double First = 1.0 / 3;

    /// <summary>
    /// Weights of fewer bits in the mean are trained for their rounding alone: without it they are no network to plan from (resnet20 at 2.5 bits: divergence 1.95 before
    /// rounding, 0.07 after).
    /// </summary>
    private const double LeastBits = 4;

    public TrainedPlan Run(TrainingCourse course)
    {
        var search = course.Search;
        var found = course.Find(search);
        if (found.Plan.ChangesNothing || search.Policy.Budget is null || !search.Facts.HasSamples) return PlanThenTrain.Trained(course, found);
        if (MeanBits(search, found.Plan) < LeastBits) return ThreeStages.Trained(course, found);

        var first = course.Learn("the first plan", search, found, First);
        var damage = course.Damage(found.Plan, first);
        if (NewPlan(course, found, first, damage) is not var (again, plan))
            return new TrainedPlan(found, found.Plan, course.Learn("the first plan further", found.Plan, first.Plan, 1 - First));
        var next = again.Build(plan);
        var second = course.Learn("the new plan", again, next, 1 - First);
        return course.Damage(next.Plan, second) <= damage ? new TrainedPlan(found, next.Plan, second) : new TrainedPlan(found, found.Plan, first);
    }

    /// <summary>The plan for the trained weights, if, carried out from there, it does less damage than the first one does now that it is trained.</summary>
    /// <param name="trained">That damage.</param>
    private static (SearchContext Again, CompressionPlan Plan)? NewPlan(TrainingCourse course, Candidate found, Learned first, double trained)
    {
        var (again, report) = (course.From(first), course.Search.Reporter);
        var unrounded = AutoMethod.Damage(again, again.Facts.Model);
        report.Stage(FormattableString.Invariant($"divergence of the trained plan {trained:0.#####}, of its weights before rounding {unrounded:0.#####}"));
        if (unrounded >= trained) return null;
        report.Stage("planning again from the trained weights");
        var plan = Bare(course.Find(again).Plan);
        return Text(plan) != Text(Bare(found.Plan)) && new Judge(again).Damage(plan, "the new plan") < trained ? (again, plan) : null;
    }

    private static double MeanBits(SearchContext search, CompressionPlan plan)
    {
        var counts = search.Facts.Layers.ToDictionary(layer => layer.Name, layer => (double)search.Facts.Model.Graph.Constants[layer.Weight].Count, StringComparer.Ordinal);
        return plan.Layers.Keys.Sum(layer => counts[layer] * plan.StoredBits(layer)) / Math.Max(1, counts.Values.Sum());
    }

    private static string Text(CompressionPlan plan) => PlanJson.Write(plan).ToJsonString();

    /// <summary>The decisions alone: grids follow from them.</summary>
    private static CompressionPlan Bare(CompressionPlan plan) => plan with { Grids = plan.Grids.Clear() };
}
