using System.Globalization;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Policy;

namespace Compress;

/// <summary>What the policy's gate and budget say of a result. Only its report is asked, so that a result that is found again is judged as a new one.</summary>
internal static class Verdict
{
    private static readonly (string Name, string Unit, Func<BudgetPolicy, Bound?> Bound, Func<Report, Figures?> Figures)[] Budgets =
    [
        ("size", "bytes", budget => budget.Size, report => report.Size),
        ("bops", "bit operations", budget => budget.Bops, report => IsMeasured(report) ? report.Bops : null),
        ("macs", "operations", budget => budget.Macs, report => IsMeasured(report) ? report.Macs : null),
        ("latency", "ms", budget => budget.Latency, report => report.Latency),
        ("memory", "bytes", budget => budget.Memory, report => report.Memory),
    ];

    /// <summary>A model that can't be run here is passed on, see <see cref="Reporting.OfUnmeasured"/>.</summary>
    private static bool IsMeasured(Report report) => report.Latency is not null;

    /// <summary>The gate first, then every budget that is missed.</summary>
    public static IReadOnlyList<Diagnostic> Of(ModelPolicy policy, Report report, string candidatePath)
    {
        IEnumerable<Diagnostic?> all =
        [
            OfGate(policy, report.Metric, isAsItCame: report.Size.Compressed == report.Size.Float, candidatePath),
            .. from row in Budgets
               where policy.Budget is not null
               select OfBudget(row.Name, row.Unit, row.Bound(policy.Budget!), row.Figures(report), candidatePath),
        ];
        return [.. all.OfType<Diagnostic>()];
    }

    private static Diagnostic? OfGate(ModelPolicy policy, MetricFigures? metric, bool isAsItCame, string candidatePath)
    {
        if (policy.Accuracy is { Data: not null } or { Metric: MetricKind.Command } && metric is null) return null; // the model can't be run here, which was said
        if (policy.Accuracy is not { } accuracy || metric is null) return Codes.NothingChecked(policy.Accuracy?.Location ?? policy.Model.Location);
        if (metric.Passed) return accuracy.IsBounded || isAsItCame ? null : Codes.NothingBounds(accuracy.Location);
        var (original, compressed) = (new MetricValue(metric.Float, metric.Samples, 0), new MetricValue(metric.Compressed, metric.Samples, 0));
        return Gate.Diagnose(accuracy, Gate.Check(accuracy, original, compressed) with { Margin = metric.Margin ?? 0 }, original, compressed, candidatePath);
    }

    private static Diagnostic? OfBudget(string name, string unit, Bound? bound, Figures? figures, string candidatePath)
    {
        if (bound is null) return null;
        if (figures is null) return Codes.BudgetMissed(bound.Location, $"{name} is not known, because the model does not run on this machine", candidatePath);
        if (figures.Compressed <= bound.Limit(figures.Float)) return null;
        // All but milliseconds are counted in whole numbers.
        string Text(double value, Func<double, double> whole) => unit == "ms" ? MetricText.Of(value) : whole(value).ToString("#,0", CultureInfo.InvariantCulture);
        var miss = $"{name} is {Text(figures.Compressed, Math.Ceiling)} {unit}, the policy allows {Text(bound.Limit(figures.Float), Math.Floor)}";
        return Codes.BudgetMissed(bound.Location, miss, candidatePath);
    }
}
