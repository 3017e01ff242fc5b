using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Plan;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>What a method trains with. All of its trainings share the time that the policy gives.</summary>
/// <param name="Search">The float model, and what is asked for.</param>
/// <param name="Find">The untrained method: the best plan it finds.</param>
/// <param name="Checkpoints">Where the state of a training is kept: its plan, its stage.</param>
internal sealed record TrainingCourse(SearchContext Search, Func<SearchContext, Candidate> Find, IDataset Data, TrainingSettings Settings, Func<CompressionPlan, string, Checkpoints> Checkpoints)
{
    /// <summary>Trains a plan that was carried out.</summary>
    /// <param name="stage">Its name, another for each training of a method.</param>
    /// <param name="context">What the plan was made for.</param>
    /// <param name="share">Of the time that the policy gives.</param>
    public Learned Learn(string stage, SearchContext context, Candidate found, double share) =>
        Learn(stage, found.Plan, context.Prepared(found), share);

    /// <summary>Trains from any start on.</summary>
    /// <param name="partOf">See <see cref="Trainer"/>.</param>
    public Learned Learn(string stage, CompressionPlan plan, PreparedPlan start, double share, Func<IReadOnlyList<LearnedLayer>, IGraphPart>? partOf = null)
    {
        Search.Reporter.Stage($"training {(stage.Length > 0 ? stage : "the plan")} on {Data.Count} samples");
        var epochs = Settings.Epochs ?? (Settings.Minutes is null ? TrainingSettings.DefaultEpochs : null);
        var settings = Settings with { Epochs = epochs * share, Minutes = Settings.Minutes * share };
        return Trainer.Learn(Search.Original ?? Search.Facts.Model, start, Data, settings, Search.Reporter, Checkpoints(plan, stage), Search.Cancellation, partOf);
    }

    /// <summary>Trains the float model, without some of its channels and refitted to that.</summary>
    public Learned LearnFloat(string stage, SearchContext context, IEnumerable<ChannelCut> cuts, double share, Func<IReadOnlyList<LearnedLayer>, IGraphPart>? partOf = null)
    {
        var plan = CompressionPlan.Untouched(context.Facts.Layers.Select(layer => layer.Name)) with { Cuts = [.. cuts] };
        var start = plan.Cuts.IsEmpty ? PlanApplier.Roughly(context.Facts, plan) : PlanApplier.Prepare(context.Facts, plan, plan.Range, Search.Threads, Search.Reporter.Progress, Search.Cancellation);
        return Learn(stage, plan, start, share, partOf);
    }

    /// <summary>The search with what was learned as the float model to start from; what outputs are held against stays.</summary>
    public SearchContext From(Learned learned)
    {
        var facts = TrainedFacts.Of(Search.Facts, learned, Search.Threads, Search.Cancellation);
        var weights = Fingerprint.Of(TrainedWeights.Write(learned.Plan.Pruned.Layers.ToDictionary(layer => layer.Name, layer => new LayerResult(null, learned.Exact[layer.Name].Floats(), learned.Plan.Layers[layer.Name].Bias, 0), StringComparer.Ordinal)));
        return Search with { Facts = facts, Original = Search.Original ?? Search.Facts.Model, Memory = Search.Memory.Of(weights) };
    }

    /// <summary>How far the outputs are from the float model's on the calibration samples, once what was learned is written.</summary>
    public double Damage(CompressionPlan plan, Learned learned) => AutoMethod.Damage(Search, Written(plan, learned.Plan));

    /// <summary>A trained plan as the file that is shipped, from the float model as it came: as a locked build will write it.</summary>
    public Candidate Written(CompressionPlan plan, PreparedPlan trained)
    {
        plan = plan with { Grids = trained.Grids.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        return SearchContext.Written(plan, PlanApplier.Write(PlanApplier.Roughly(Search.Facts, plan) with { Layers = trained.Layers, Grids = trained.Grids }, plan.Plain));
    }
}
