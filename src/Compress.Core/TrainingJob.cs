using System.Collections.Immutable;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Plan;
using Compress.Search;
using Compress.Training;

namespace Compress;

/// <summary>Training, after any method: the plan that was found, carried out with trained weights. The cache keeps the weights, the plan names them.</summary>
internal static class TrainingJob
{
    /// <summary>Of an image's side: how far training shifts images.</summary>
    private const double Shift = 0.07;

    /// <summary>The candidate with trained weights; the untrained one where it measures better.</summary>
    public static Candidate Train(SearchContext search, Candidate found, IDataset data, OutcomeCache cache)
    {
        search.Reporter.Stage($"training on {data.Count} samples");
        var start = PlanApplier.Roughly(search.Facts, found.Plan) with { Layers = found.Applied.Layers, Grids = found.Applied.Grids };
        var trained = Trainer.Run(search.Facts, start, data, Settings(search), search.Reporter, cache.Checkpoints(found.Plan), search.Cancellation);
        var weights = TrainedWeights.Write(trained.Layers);
        var plan = found.Plan with { Trained = Fingerprint.Of(weights), Grids = trained.Grids.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        var candidate = SearchContext.Written(plan, PlanApplier.Write(trained, plan.Plain));
        cache.Trained.Keep(plan.Trained, weights);
        if (search.Evaluator is null) return candidate;
        var (before, after) = (search.Measure(found), search.Measure(candidate));
        search.Reporter.Stage(FormattableString.Invariant($"the metric was {before.Metric!.Value:0.####} before training and is {after.Metric!.Value:0.####}"));
        return after.Verdict!.Drop <= before.Verdict!.Drop ? after : before;
    }

    /// <summary>The locked plan with the weights that were trained for it.</summary>
    /// <exception cref="CompressionException">CMP5014.</exception>
    public static Candidate Locked(SearchContext search, CompressionPlan plan, OutcomeCache cache, string lockFile) =>
        cache.Trained.Find(plan.Trained!) is { } weights && TrainedWeights.Read(weights, PlanApplier.Roughly(search.Facts, plan)) is { } prepared
            ? SearchContext.Written(plan, PlanApplier.Write(prepared, plan.Plain))
            : throw Codes.TrainedWeightsMissing(lockFile, plan.Trained!).Error();

    /// <summary>Whether a locked plan has trained weights that the cache has lost.</summary>
    public static bool IsLost(LockEntry locked, OutcomeCache cache) => locked.Plan["trained"] is { } weights && cache.Trained.Find(weights.ToString()) is null;

    private static TrainingSettings Settings(SearchContext search)
    {
        var (policy, train) = (search.Policy, search.Policy.Train!);
        var isDistribution = train.Labels is not null || Sensitivity.OutputsAreLogits(policy);
        return new TrainingSettings
        {
            Epochs = train.Epochs,
            Minutes = train.Minutes,
            Labels = train.Labels,
            Distill = train.Distill,
            IsDistribution = isDistribution,
            // A mirror image may be of another class; the float model would know, a label does not.
            Augmentation = isDistribution ? new Augmentation(Flip: train.Labels is null, Shift, Cutout: 0) : Augmentation.None,
            Seed = policy.Seed,
            Threads = search.Threads,
        };
    }
}
