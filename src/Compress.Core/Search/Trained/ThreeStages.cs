using Compress.Apply;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>
/// PIC-PQ's training (2312.00851): the pruned network in float, then with its activations on their grids, then with its weights on theirs too; a third of the
/// time each, as for ResNet56 in the paper. Before each of the two latter, grids and weights are fitted anew to what training has reached.
/// </summary>
internal sealed class ThreeStages : ITrainedForm
{
    private const double Share = 1.0 / 3;

    public TrainedPlan Run(TrainingCourse course) => Trained(course, course.Find(course.Search));

    /// <summary>The same of a plan that was found already.</summary>
    public static TrainedPlan Trained(TrainingCourse course, Candidate found)
    {
        if (!course.Search.Facts.HasSamples) return PlanThenTrain.Trained(course, found);
        if (found.Plan.ChangesNothing) return new TrainedPlan(found, found.Plan, null);
        var plan = found.Plan with { Grids = found.Plan.Grids.Clear() };

        var pruned = course.From(course.LearnFloat("the pruned network", course.Search, plan.Cuts, Share));
        var onGrids = course.From(course.Learn("activations on their grids", plan, WithFloatWeights(PlanApplier.Roughly(pruned.Facts, plan, plan.Range)), Share));
        var last = onGrids.Build(plan);
        return new TrainedPlan(found, last.Plan, course.Learn("weights on their grids", onGrids, last, Share));
    }

    private static PreparedPlan WithFloatWeights(PreparedPlan plan) => plan with
    {
        Tasks = [.. plan.Tasks.Select(task => task with { Bits = 32 })],
        Layers = plan.Tasks.ToDictionary(task => task.Layer.Name, task => WithoutData.Round(plan.Pruned.Model, task with { Bits = 32 }), StringComparer.Ordinal),
    };
}
