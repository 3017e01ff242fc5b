using System.Globalization;
using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Evaluate;

/// <summary>The gate's answer.</summary>
/// <param name="Drop">How much worse than the float model, in the metric's unit; negative when better.</param>
/// <param name="Margin">Half the width of the 95 % interval of the drop; 0 when unknown.</param>
/// <param name="Bound">The bounds that were checked, as text; null when the policy has none.</param>
public sealed record GateVerdict(bool Passed, double Drop, double Margin, string? Bound)
{
    /// <summary>The bounds hold for all of the 95 % interval.</summary>
    public bool Surely { get; init; }

    /// <summary>Where in the policy the missed bound stands.</summary>
    public SourceLocation? Missed { get; init; }
}

/// <summary>Compares the metric of the compressed model with the policy's bounds.</summary>
public static class Gate
{
    /// <summary>Differences below this share of the values are rounding in the last digits, not accuracy; so are all that are smaller than that of <see cref="Least"/>.</summary>
    private const double Tolerance = 1e-9, Least = 1e-3;

    /// <summary>max-drop bounds the loss against the float model; min is the worst value allowed, a ceiling for mse and kl. Not-a-number never passes.</summary>
    /// <exception cref="CompressionException">CMP7007 when max-drop can't work with the metric.</exception>
    public static GateVerdict Check(AccuracyPolicy policy, MetricValue original, MetricValue compressed)
    {
        if (policy.MaxDrop is { } limit && double.IsPositiveInfinity(original.Value)) throw Codes.PsnrNeedsMin(limit.Location).Error();
        var higher = Metric.HigherIsBetter(policy);
        var difference = higher ? original.Minus(compressed) : compressed.Minus(original);
        var slack = Tolerance * Math.Max(Least, Math.Max(Size(original.Value), Size(compressed.Value)));

        var dropped = policy.MaxDrop is { } drop && !(difference.Value <= drop.Value + slack);
        var outside = policy.Min is { } min && !(higher ? compressed.Value >= min.Value - slack : compressed.Value <= min.Value + slack);
        var broken = double.IsNaN(compressed.Value);
        var doubtful = difference.Value + difference.Margin > policy.MaxDrop?.Value + slack
            || (higher ? compressed.Value - compressed.Margin < policy.Min?.Value - slack : compressed.Value + compressed.Margin > policy.Min?.Value + slack);
        return new(!dropped && !outside && !broken, difference.Value, difference.Margin, Describe(policy, higher))
        {
            Surely = !dropped && !outside && !broken && !doubtful,
            Missed = dropped ? policy.MaxDrop!.Location : outside ? policy.Min!.Location : broken ? policy.Location : null,
        };
    }

    private static double Size(double value) => double.IsFinite(value) ? Math.Abs(value) : 0;

    /// <summary>The diagnostic of a missed gate, an error or a warning as the policy says; null when it was passed.</summary>
    /// <param name="policy">The policy that was checked.</param>
    /// <param name="verdict">Its outcome.</param>
    /// <param name="original">The float model's value.</param>
    /// <param name="compressed">The best candidate's value.</param>
    /// <param name="candidate">Where the candidate and its report were left.</param>
    public static Diagnostic? Diagnose(AccuracyPolicy policy, GateVerdict verdict, MetricValue original, MetricValue compressed, string candidate)
    {
        if (verdict.Missed is not { } place) return null;
        var name = policy.Metric.ToString().ToLowerInvariant();
        var interval = verdict.Margin > 0 ? string.Create(CultureInfo.InvariantCulture, $" ± {verdict.Margin:G2}") : "";
        var change = $"{(verdict.Drop < 0 ? "better" : "worse")} by {MetricText.Of(Math.Abs(verdict.Drop))}{interval}";
        var hopeless = policy.Min is not null && place == policy.Min.Location && !Check(policy with { MaxDrop = null }, original, original).Passed ? ", which the float model has not either" : "";
        var outcome = $"{name} is {MetricText.Of(compressed.Value)}, the float model's {MetricText.Of(original.Value)}: {change}; the policy asks for {verdict.Bound}{hopeless}";
        return Codes.GateMissed(place, outcome, candidate, policy.OnMiss == OnMiss.Error ? Severity.Error : Severity.Warning);
    }

    private static string? Describe(AccuracyPolicy policy, bool higher)
    {
        var drop = policy.MaxDrop is { } bound ? $"a drop of at most {Text(bound.Value)}" : null;
        var min = policy.Min is { } limit ? $"at {(higher ? "least" : "most")} {Text(limit.Value)}" : null;
        return drop is null ? min : min is null ? drop : $"{drop} and {min}";
        static string Text(double asked) => asked.ToString(CultureInfo.InvariantCulture); // as it was written
    }
}
