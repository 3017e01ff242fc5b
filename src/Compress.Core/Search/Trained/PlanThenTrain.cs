namespace Compress.Search.Trained;

/// <summary>The plan that the method finds, trained. For AJPQ, whose training is not public, as HAQ and AMC do it; and for searches that were published without any.</summary>
internal sealed class PlanThenTrain : ITrainedForm
{
    public TrainedPlan Run(TrainingCourse course)
    {
        var found = course.Find(course.Search);
        return new TrainedPlan(found, found.Plan, found.Plan.ChangesNothing ? null : course.Learn("", course.Search, found, 1));
    }
}
