using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Compress.Data;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;
using Compress.Training;

namespace Compress;

/// <summary>
/// Finds what an earlier compression of the same inputs gave: the model lies under its own fingerprint, all else under that of the inputs, once for
/// the search and once for the plan that it found (what a locked build asks for).
/// </summary>
internal sealed class OutcomeCache
{
    private readonly ResultCache? all, measured;
    private readonly LockInputs inputs;
    private readonly ModelPolicy policy;

    public OutcomeCache(CompressionRequest request, LockInputs inputs)
    {
        (this.inputs, policy) = (inputs, request.Policy);
        all = request.CacheFolder is { } folder ? new ResultCache(folder) : null;
        // What a program measures depends on files that nobody names.
        measured = request.Policy.Accuracy is { Metric: MetricKind.Command } ? null : all;
        Trained = new TrainedStore(all, request.Policy.Train?.Store);
    }

    /// <summary>The weights of trained plans.</summary>
    public TrainedStore Trained { get; }

    /// <summary>This very build of the tool, on this kind of machine: latency is among what is kept.</summary>
    public static string Engine { get; } = string.Join(' ', LockFile.Tool, typeof(OutcomeCache).Module.ModuleVersionId, RuntimeInformation.RuntimeIdentifier, Runtime.Machine.Processor);

    /// <param name="plan">The locked plan; null: whatever a search found.</param>
    public Outcome? Find(JsonNode? plan)
    {
        if (measured?.Get(Key(plan)) is not { } entry) return null;
        var json = JsonNode.Parse(entry)!;
        if (measured.Get(json["output"]!.GetValue<string>()) is not { } model) return null;
        var outcome = Outcome.Of(model, json);
        // What a search found is locked next, and a trained plan without its weights can't be.
        return plan is null && outcome.Plan.Trained is { } weights && Trained.Find(weights) is null ? null : outcome;
    }

    /// <param name="outcome">What was found.</param>
    /// <param name="plan">The locked plan that it was made from; null: a search.</param>
    public Outcome Keep(Outcome outcome, JsonNode? plan)
    {
        if (measured is null) return outcome;
        var (json, output) = (outcome.ToJson(), Fingerprint.Of(outcome.Model));
        json["output"] = output;
        var entry = JsonSerializer.SerializeToUtf8Bytes(json);
        measured.Put(output, outcome.Model);
        measured.Put(Key(plan), entry);
        if (plan is null) measured.Put(Key(PlanJson.Write(outcome.Plan)), entry);
        return outcome;
    }

    /// <summary>The state of the training of a plan, entries numbered from 1.</summary>
    /// <param name="stage">Which of the trainings that lead to the result.</param>
    public Checkpoints Checkpoints(CompressionPlan plan, string stage)
    {
        if (all is null) return Training.Checkpoints.None;
        string Epoch(int number) => Fingerprint.Of(["training", stage, Key(PlanJson.Write(plan)), number.ToString(CultureInfo.InvariantCulture)]);
        return new(number => all.Get(Epoch(number)), (number, state) => all.Put(Epoch(number), state()));
    }

    /// <summary>The same evaluator; the float model's value is asked for in every compression and measured once.</summary>
    public IEvaluator Remembering(IEvaluator evaluator)
    {
        if (measured is null) return evaluator;
        var accuracy = inputs.Policy["accuracy"]!.DeepClone().AsObject();
        foreach (var bound in (string[])["maxDrop", "min"]) accuracy.Remove(bound);
        var preprocess = inputs.Policy["calibration"]?["preprocess"]?.ToJsonString() ?? "";
        string[] files = [.. new[] { "model", "validation data", "runtime" }.Select(role => inputs.Files.GetValueOrDefault(role, ""))];
        return new RememberedEvaluator(evaluator, measured, Fingerprint.Of(["float metric", Engine, policy.Provider.ToString(), accuracy.ToJsonString(), preprocess, .. files]));
    }

    /// <summary>What searches found out about plans for this model, as it is opened, and these samples, whatever their budget and method.</summary>
    public SearchMemory Memory()
    {
        string[] files = [.. new[] { "model", "calibration data", "runtime" }.Select(role => inputs.Files.GetValueOrDefault(role, ""))];
        return new SearchMemory(all, Fingerprint.Of([Engine, policy.Provider.ToString(), OpenedModel.MayEqualize(policy) ? "equalized" : "", inputs.Policy["calibration"]?.ToJsonString() ?? "", inputs.Policy["accuracy"]?["metric"]?.ToJsonString() ?? "", inputs.Policy["accuracy"]?["output"]?.ToJsonString() ?? "", .. files]));
    }

    private string Key(JsonNode? plan) => Fingerprint.Of(
        ["outcome", Engine, inputs.Policy.ToJsonString(), plan?.ToJsonString() ?? "", .. inputs.Files.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => new[] { file.Key, file.Value })]);
}
