using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;
using Compress.Search.Trained;
using Compress.Training;

namespace Compress;

/// <summary>Training, after any method: the plan that was found, carried out with trained weights. The cache keeps the weights, the plan names them.</summary>
internal static class TrainingJob
{
    /// <summary>Of an image's side: how far training shifts images.</summary>
    private const double Shift = 0.07;

    /// <summary>What the method finds and trains; the untrained candidate where that measures better.</summary>
    /// <param name="find">The untrained method.</param>
    public static Candidate Run(SearchContext search, Func<SearchContext, Candidate> find, IDataset data, OutcomeCache cache)
    {
        var course = new TrainingCourse(search, find, data, Settings(search, data), cache.Checkpoints);
        var (untrained, plan, learned) = Methods.TrainedOf(search.Policy.Method.Value).Run(course);
        if (learned is null) return untrained!;
        var weights = TrainedWeights.Write(learned.Plan.Layers);
        var candidate = course.Written(plan with { Trained = Fingerprint.Of(weights) }, learned.Plan);
        cache.Trained.Keep(candidate.Plan.Trained!, weights);
        var after = search.Measure(candidate);
        if (untrained is null || search.Evaluator is null) return after;
        var before = search.Measure(untrained);
        search.Reporter.Stage(FormattableString.Invariant($"the metric was {before.Metric!.Value:0.####} before training and is {after.Metric!.Value:0.####}"));
        return IsNoWorse(after.Metric.Value, before.Metric.Value, Metric.HigherIsBetter(search.Policy.Accuracy!)) ? after : before;
    }

    /// <summary>By the values themselves: a float model without any error (psnr against its own outputs) is equally far from all.</summary>
    internal static bool IsNoWorse(double trained, double untrained, bool higherIsBetter) =>
        !double.IsNaN(trained) && (double.IsNaN(untrained) || (higherIsBetter ? trained >= untrained : trained <= untrained));

    /// <summary>The locked plan with the weights that were trained for it.</summary>
    /// <exception cref="CompressionException">CMP5014.</exception>
    public static Candidate Locked(SearchContext search, CompressionPlan plan, OutcomeCache cache, string lockFile) =>
        cache.Trained.Find(plan.Trained!) is { } weights && TrainedWeights.Read(weights, PlanApplier.Roughly(search.Facts, plan)) is { } prepared
            ? SearchContext.Written(plan, PlanApplier.Write(prepared, plan.Plain))
            : throw Codes.TrainedWeightsMissing(lockFile, plan.Trained!).Error();

    /// <summary>Whether a locked plan has trained weights that the cache has lost.</summary>
    public static bool IsLost(LockEntry locked, OutcomeCache cache) => locked.Plan["trained"] is { } weights && cache.Trained.Find(weights.ToString()) is null;

    private static TrainingSettings Settings(SearchContext search, IDataset data)
    {
        var (policy, train) = (search.Policy, search.Policy.Train!);
        if (policy.Reconstruct > 0) search.Reporter.Report(Codes.ReconstructionUnused(policy.Where("reconstruct")));
        var labels = train.Labels is { } array ? Labels.Of(array, search.Facts.Model, data, train.TargetScale, policy.Where("train.labels")) : null;
        var scores = labels?.AreClasses == true ? Taught.OutputsOf(search.Facts.Model.Graph, scores: null)[0] : search.Scores;
        // A mirror image may be of another class; the float model would know, a label does not, and labels of positions stay where they are.
        var changesImages = scores is not null && labels is not { AreOfWholeSamples: false };
        if (train.Cutout > 0 && !changesImages) search.Reporter.Report(Codes.CutoutUnused(policy.Where("train.cutout")));
        var channelsLast = ModelInput.Of(search.Facts.Model.Graph).Any(input => ImageInput.IsChannelsLast(input, Preprocess.Of(policy)));
        return new TrainingSettings
        {
            Epochs = train.Epochs,
            Minutes = train.Minutes,
            Labels = labels,
            Distill = train.Distill,
            Features = train.Features,
            PositionScaled = train.PositionScaled,
            Optimizer = train.Optimizer,
            Rate = train.Rate ?? TrainingSettings.DefaultRate,
            Schedule = train.Schedule,
            WeightDecay = train.WeightDecay,
            Scores = scores,
            Augmentation = changesImages ? new Augmentation(Flip: labels is null, Shift, train.Cutout, channelsLast) : Augmentation.None,
            Seed = policy.Seed,
            Threads = search.Threads,
        };
    }
}
