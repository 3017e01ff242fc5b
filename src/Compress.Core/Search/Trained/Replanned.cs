using Compress.Plan;

namespace Compress.Search.Trained;

/// <summary>
/// Plan, train, plan again: sensitivities of a trained network are others. After a third of the time the same budget is searched for once more, from the weights
/// that training has reached. The new plan is taken where, carried out from there, it does less damage than the first one, and trained for the rest of the
/// time; at the end what is nearer to the float model counts. Without a budget the gate has said how far to go, and one plan is trained.
/// </summary>
internal sealed class Replanned : ITrainedForm
{
    private const double First = 1.0 / 3;

    public TrainedPlan Run(TrainingCourse course)
    {
        var search = course.Search;
        if (search.Policy.Budget is null || !search.Facts.HasSamples) return new PlanThenTrain().Run(course);
        var found = course.Find(search);
        if (found.Plan.ChangesNothing) return new TrainedPlan(found, found.Plan, null);

        var first = course.Learn("the first plan", search, found, First);
        var again = course.From(first);
        search.Reporter.Stage("planning again from the trained weights");
        var (old, plan) = (Bare(found.Plan), Bare(course.Find(again).Plan));
        var judge = new Judge(again);
        if (Text(plan) == Text(old) || judge.Damage(plan, "the new plan") >= judge.Damage(old, "the first plan"))
            return new TrainedPlan(found, found.Plan, course.Learn("the first plan further", found.Plan, first.Plan, 1 - First));

        var next = again.Build(plan);
        var second = course.Learn("the new plan", again, next, 1 - First);
        return course.Damage(next.Plan, second) <= course.Damage(found.Plan, first) ? new TrainedPlan(found, next.Plan, second) : new TrainedPlan(found, found.Plan, first);
    }

    private static string Text(CompressionPlan plan) => PlanJson.Write(plan).ToJsonString();

    /// <summary>The decisions alone: grids follow from them.</summary>
    private static CompressionPlan Bare(CompressionPlan plan) => plan with { Grids = plan.Grids.Clear() };
}
