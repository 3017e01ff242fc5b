using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Holds plans to a limit on time. A model takes longer than its operators one by one, so the limit of their sum is learned: the model that a plan gives
/// is timed against the float model in turn, and the problem solved again until that time is within the limit.
/// </summary>
internal static class LatencyBudget
{
    private const int Attempts = 6;

    /// <summary>Aimed at by this share less than is allowed: two measurements of one model differ by as much.</summary>
    private const double Margin = 0.97;

    /// <param name="limit">Milliseconds allowed, on the scale of <see cref="SearchContext.FloatMilliseconds"/>.</param>
    /// <param name="start">The model with all its channels, and its operators' times together.</param>
    /// <param name="solve">The plan for a limit on the operators' times together, and what they are with it; null: out of reach.</param>
    public static CompressionPlan? Solve(SearchContext context, double limit, (byte[] Model, double Sum) start, Func<double, (CompressionPlan Plan, double Sum)?> solve)
    {
        var aim = Margin * limit;
        var rest = Milliseconds(context, start.Model) - start.Sum;
        CompressionPlan? nearest = null;
        for (var attempt = 0; attempt < Attempts && solve(Math.Min(aim - rest, start.Sum)) is { } solved; attempt++)
        {
            nearest = solved.Plan;
            var time = Milliseconds(context, OnnxWriter.ToBytes(Lean.Apply(PlanApplier.Sketch(context.Facts, nearest).Model)));
            context.Reporter.Stage($"timed a plan: {time:0.###} ms of {limit:0.###} ms");
            if (time <= limit) break;
            rest = time - solved.Sum;
        }
        return nearest;
    }

    /// <summary>Milliseconds of the float model for one sample.</summary>
    public static double FloatMilliseconds(SearchContext context)
    {
        using var session = new Session(context.Facts.Model, new SessionSettings());
        var feed = context.FirstSample;
        return Timing.Interleaved([() => session.Run(feed)], new TimingSettings(0.3), context.Cancellation)[0].Min();
    }

    /// <summary>Milliseconds of a model for one sample, from its ratio to the float model's.</summary>
    private static double Milliseconds(SearchContext context, byte[] model)
    {
        using var exact = new Session(context.Facts.Model, new SessionSettings());
        using var session = new Session(model, new SessionSettings());
        var feed = context.FirstSample;
        var rounds = Timing.Interleaved([() => exact.Run(feed), () => session.Run(feed)], new TimingSettings(0.3), context.Cancellation);
        return context.FloatMilliseconds * rounds[1].Min() / rounds[0].Min();
    }
}
