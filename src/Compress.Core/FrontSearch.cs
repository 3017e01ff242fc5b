using Compress.Diagnostics;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress;

/// <summary>What is bounded for a front.</summary>
public enum FrontCost { Size, Bops, Latency }

/// <summary>
/// The front of a cost against the metric: the policy's method under one budget after the other, the model opened and its sensitivities measured once.
/// Every point is measured on the validation data, or where there are none by the
/// divergence of the outputs on the calibration samples.
/// </summary>
public static class FrontSearch
{
    /// <summary>Budgets where the caller names none: how many times less.</summary>
    public static IReadOnlyList<double> Ladder(FrontCost by) => by switch
    {
        FrontCost.Size => [4, 6, 8, 10, 12, 15, 20],
        FrontCost.Bops => [16, 32, 48, 64, 96, 128, 200],
        _ => [1.25, 1.5, 2, 3, 4],
    };

    /// <param name="request">As for a compression; nothing is put in place.</param>
    /// <param name="factors">Budgets, each above 1.</param>
    /// <param name="found">Told the front so far after each point, so that one who can't wait has something.</param>
    /// <exception cref="CompressionException">Expected failures, coded.</exception>
    public static Front Run(CompressionRequest request, FrontCost by, IReadOnlyList<double> factors, Action<Front>? found = null, CancellationToken cancellation = default)
    {
        Concurrent.Allow(request.Threads);
        if (request.Policy.Method.Value == Method.Djpq) throw Codes.FrontOfTraining(PolicyKeys.Methods.Word(Method.Djpq), request.Policy.Method.Location).Error();
        if (request.Policy is { Train: not null } or { Reconstruct: > 0 }) request.Reporter.Stage("a front shows what methods find: it is neither trained nor reconstructed");
        var inputs = CompressionInputs.Read(request, cancellation);
        using var model = OpenedModel.Open(request, inputs, new OutcomeCache(request, inputs.Fingerprints), cancellation);
        using var allowed = new SearchTime(request.SearchTime);
        var (policy, search) = (request.Policy with { Train = null }, model.Search with { Enough = allowed.Enough });
        var metric = search.Evaluator is null ? "divergence" : SectionKeys.Metrics.Word(policy.Accuracy!.Metric);
        var front = new Front(Path.GetFileName(policy.Model.Value), PolicyKeys.Methods.Word(policy.Method.Value), by.ToString().ToLowerInvariant(), metric, search.Evaluator is not null && Metric.HigherIsBetter(policy.Accuracy!), []);
        if (search.Facts.Layers.Count == 0)
        {
            request.Reporter.Report(Codes.NothingToCompress(policy.Model.Location, "it has no convolution and no dense layer with weights of its own"));
            return front;
        }
        if (by == FrontCost.Latency && search.Facts.HasSamples) search = search with { FloatMilliseconds = LatencyBudget.FloatMilliseconds(search) };
        var forms = new Lazy<IReadOnlyList<SearchContext>>(() => model.Forms(search with { Policy = policy with { Budget = Budget(policy, by, factors[0]) } }));
        var ascending = factors.Order().ToList();
        for (var i = 0; i < ascending.Count; i++)
        {
            if (!search.Course.GoesOn((double)i / ascending.Count))
            {
                request.Reporter.Stage($"time is up, not tried: {string.Join(", ", ascending.Skip(i).Select(factor => $"{factor:0.##} times less"))}");
                break;
            }
            request.Reporter.Stage($"{front.By} {ascending[i]:0.##} times less");
            var within = new Forms([.. forms.Value.Select(form => form with { Policy = policy with { Budget = Budget(policy, by, ascending[i]) } })], form => Methods.Of(form.Policy.Method.Value).Search(form), allowed);
            var candidate = within.Find(within.BestFirst()[0]);
            var latency = LatencyMeter.Compare(model.Loadable, candidate.Model, model.Sample, cancellation: cancellation);
            if (front.Points.Count == 0) front = front with { Points = [Float(search, latency.First.Minimum)] };
            front = (front with { Points = [.. front.Points, Point(search, candidate, ascending[i], latency.Second.Minimum)] }).Marked();
            request.Reporter.Stage($"{front.Points[^1].Size / 1000:0.#} KB, {metric} {front.Points[^1].Metric:0.####}");
            found?.Invoke(front);
        }
        return front;
    }

    private static BudgetPolicy Budget(ModelPolicy policy, FrontCost by, double factor)
    {
        var (at, bound) = (policy.Model.Location, new Bound(factor, IsFactor: true, policy.Model.Location));
        return by switch
        {
            FrontCost.Size => new() { Location = at, Size = bound },
            FrontCost.Bops => new() { Location = at, Bops = bound },
            _ when policy.Prune.Enabled == false => throw Codes.BudgetOutOfReach("latency", "only pruning takes multiplications away. Remove 'prune: none'.", policy.Where("prune")).Error(),
            _ => new() { Location = at, Latency = bound },
        };
    }

    private static FrontPoint Float(SearchContext search, double latency) =>
        new(1, search.FloatSize, search.FloatCosts.Macs, search.FloatCosts.Bops, latency, search.Evaluator?.MeasureFloat(search.Cancellation).Value ?? 0, null);

    private static FrontPoint Point(SearchContext search, Candidate candidate, double factor, double latency)
    {
        var metric = candidate.Metric?.Value ?? AutoMethod.Damage(search, candidate);
        return new(factor, candidate.Size, candidate.Costs.Macs, candidate.Costs.Bops, latency, metric, candidate.Verdict is { Margin: > 0 } verdict ? verdict.Margin : null) { Plan = PlanJson.Write(candidate.Plan) };
    }
}
