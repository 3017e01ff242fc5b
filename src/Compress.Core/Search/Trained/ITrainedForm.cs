using Compress.Plan;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>A method with training: how its searches and its trainings follow each other.</summary>
internal interface ITrainedForm
{
    TrainedPlan Run(TrainingCourse course);
}

/// <summary>What a trained method ends with.</summary>
/// <param name="Untrained">A candidate of the same search without training, which counts where it measures better; null: there is none.</param>
/// <param name="Learned">The plan's trained weights; null: there was nothing to train.</param>
internal sealed record TrainedPlan(Candidate? Untrained, CompressionPlan Plan, Learned? Learned);
