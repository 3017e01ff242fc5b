using System.Text.Json;
using System.Text.Json.Nodes;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress;

/// <summary>One compression that is really carried out: by a search, or by the plan that is locked.</summary>
internal static class CompressionJob
{
    /// <exception cref="CompressionException">CMP8004 when the locked plan is not one for this model, and all that the stages raise.</exception>
    public static Outcome Run(CompressionRequest request, CompressionInputs inputs, OutcomeCache cache, LockEntry? locked, CancellationToken cancellation)
    {
        try
        {
            return Compress(request, inputs, cache, locked, cancellation);
        }
        catch (CompressionException e) when (e.Diagnostic.Location is null)
        {
            // Stages that know nothing of the policy fail for the model that it names on this line.
            throw (e.Diagnostic with { Location = request.Policy.Model.Location }).Error(e);
        }
    }

    private static Outcome Compress(CompressionRequest request, CompressionInputs inputs, OutcomeCache cache, LockEntry? locked, CancellationToken cancellation)
    {
        OpenedModel opened;
        try
        {
            opened = OpenedModel.Open(request, inputs, cache, cancellation);
        }
        catch (CompressionException e) when (RuntimeRefusal.NeedsAnotherMachine(e, inputs.Model))
        {
            request.Reporter.Report(Codes.NotMeasurable(request.Policy.Model.Location, e.Diagnostic.Message));
            var original = OpenedModel.OriginalOf(inputs.Model);
            return new Outcome(original, CompressionPlan.Untouched([]), Reporting.OfUnmeasured(request.Policy, original.Length), "");
        }
        using var model = opened;
        LatencyComparison Time(byte[]? bytes) => LatencyMeter.Compare(model.Loadable, bytes ?? model.Loadable, model.Sample, cancellation: cancellation);
        using var allowed = new SearchTime(request.SearchTime);
        var (search, candidate, latency) = locked is null
            ? Found(model, allowed, inputs.Training, cache, Time)
            : Locked(model, locked, request.LockFile!, cache);
        if (candidate is null) search = model.Search;
        var result = candidate?.Model ?? model.Original;
        var plan = candidate?.Plan ?? CompressionPlan.Untouched(search.Facts.Layers.Select(layer => layer.Name));
        var report = Reporting.Of(search, candidate, result.Length);
        if (candidate is not null && OverflowCheck.Find(candidate.Applied, plan) is { Count: > 0 } daring) request.Reporter.Report(Codes.SumsMaySaturate(request.Policy.Where("quantize.allow-overflow"), daring));

        if (locked?.Output == Fingerprint.Of(result))
        {
            request.Reporter.Stage("the locked plan gives the same bytes; the figures that are locked hold");
            return Recorded(new Outcome(result, plan, report, ""), locked, request.LockFile!);
        }
        if (locked is not null) request.Reporter.Report(Codes.LockOutputDiffers(request.LockFile!, LockFile.Key(request.LockFile!, request.Policy, request.PolicyFile)));
        latency ??= Time(result);
        return new Outcome(result, plan, Reporting.WithMeasured(report, search, candidate, latency), Machine.Description);
    }

    /// <summary>The best that the policy's method finds in the better form of the model, never worse than what came; null: the model as it is.</summary>
    private static (SearchContext Search, Candidate? Candidate, LatencyComparison? Latency) Found(OpenedModel model, SearchTime allowed, IDataset? training, OutcomeCache cache, Func<byte[]?, LatencyComparison> time)
    {
        var forms = new Forms(model.Forms(model.Search with { Enough = allowed.Enough }), Find, allowed);
        return NeverWorse.Of(search => Search(search, forms.Find, training, cache), forms.BestFirst(), time);
    }

    /// <summary>The best that the policy's method finds, trained where the policy says so; null when there is nothing to search in.</summary>
    private static Candidate? Search(SearchContext search, Func<SearchContext, Candidate> find, IDataset? training, OutcomeCache cache)
    {
        if (search.Facts.Layers.Count + search.Facts.Tables.Count + search.SubGraphs.Count == 0) return null;
        if (search.Policy is { Quantize.Enabled: false, Prune.Enabled: false } && !search.Rules.Any(rule => rule?.PruneRatio > 0)) return null;
        return training is null ? ReconstructionJob.Run(search, find(search)) : TrainingJob.Run(search, find, training, cache);
    }

    private static Candidate Find(SearchContext search)
    {
        var found = Methods.Of(search.Policy.Method.Value).Search(search);
        var isFree = search.Policy is { Budget: null, Quantize.Weights.Count: 0, Method.Value: not Method.Auto };
        return found.Passes || !isFree ? found : Nearer(found, AutoMethod.Arithmetic(search).Candidate);
    }

    /// <summary>A method that goes its own way may end beyond the gate: then what layers in float reach counts.</summary>
    private static Candidate Nearer(Candidate found, Candidate careful) => careful.Passes ? careful : found;

    private static (SearchContext Search, Candidate? Candidate, LatencyComparison? Latency) Locked(OpenedModel model, LockEntry locked, string lockFile, OutcomeCache cache)
    {
        var plan = Read(lockFile, () => PlanJson.Read(locked.Plan));
        var search = model.FormOf(plan) ?? throw Codes.LockMalformed(lockFile, 0, "the plan has factors that do not fit this model.").Error();
        if (plan.ChangesNothing && locked.Figures?[Outcome.Reasons] is JsonArray { Count: > 0 } reasons)
        {
            // What the search saw, slower integers for one, can't be seen from the plan.
            foreach (var reason in reasons) WarningLog.Repeat(reason!.ToString(), search.Policy.Model.Location, search.Reporter);
            return (search, null, null);
        }
        return (search, NeverWorse.Worthwhile(Apply(search, plan, lockFile, cache), search), null);
    }

    /// <summary>The locked plan carried out; null when it leaves everything as it is.</summary>
    private static Candidate? Apply(SearchContext search, CompressionPlan plan, string lockFile, OutcomeCache cache)
    {
        if (plan.ChangesNothing) return null;
        if (!plan.Layers.Keys.SequenceEqual(search.Facts.Layers.Select(layer => layer.Name).Order(StringComparer.Ordinal)))
            throw Codes.LockMalformed(lockFile, 0, "the plan is for other layers than the model has.").Error();
        return plan.Trained is null ? search.Build(plan) : TrainingJob.Locked(search, plan, cache, lockFile);
    }

    private static Outcome Recorded(Outcome outcome, LockEntry locked, string lockFile) => Read(lockFile, () => outcome with
    {
        Report = ReportJson.WithMeasured(outcome.Report, locked.Figures ?? throw new JsonException("An entry lacks 'figures'.")),
        Machine = locked.Figures["machine"]?.GetValue<string>() ?? throw new JsonException("The figures of an entry lack 'machine'."),
    });

    private static T Read<T>(string lockFile, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Codes.LockMalformed(lockFile, 0, e.Message).Error(e);
        }
    }
}
