namespace Compress.Search.Trained;

/// <summary>The plan that the method finds, trained. For AJPQ, whose training is not public, as HAQ and AMC do it; and for searches that were published without any.</summary>
internal sealed class PlanThenTrain : ITrainedForm
{
    public TrainedPlan Run(TrainingCourse course) => Trained(course, course.Find(course.Search));

    /// <summary>The same of a plan that was found already.</summary>
    public static TrainedPlan Trained(TrainingCourse course, Candidate found) =>
        new(found, found.Plan, found.Plan.ChangesNothing ? null : course.Learn("", course.Search, found, 1));
}
