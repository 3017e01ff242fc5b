using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Holds plans to a limit on time. A model takes longer than its operators one by one, so the limit of their sum is learned: the model that a plan gives
/// is timed against the float model in turn, and the problem solved again until that time is just within the limit.
/// </summary>
/// <param name="limit">Milliseconds allowed, on the scale of <see cref="SearchContext.FloatMilliseconds"/>.</param>
internal sealed class LatencyBudget(SearchContext context, double limit)
{
    private const int Attempts = 6;

    /// <summary>Plans take this share less than is allowed: two measurements of one model differ by as much.</summary>
    private const double Margin = 0.97;

    /// <summary>A plan that takes less than this share of what it may gives up accuracy for nothing: fewer layers have less around them too.</summary>
    private const double Used = 0.95;

    /// <summary>Milliseconds of a model for one more of its operators' sum: what is around layers shrinks with them, measurements that say much else are disturbed.</summary>
    private const double LeastSlope = 0.7, MostSlope = 2;

    private readonly double aim = Margin * limit;

    /// <summary>What is known from the last plan of an earlier problem: the sum of its operators' times and its own.</summary>
    private (double Sum, double Time)? last;

    /// <summary>The limit that a policy sets; null: none.</summary>
    public static LatencyBudget? Of(SearchContext context) =>
        context.Policy.Budget?.Latency is { } bound && context.FloatMilliseconds > 0 ? new(context, bound.Limit(context.FloatMilliseconds)) : null;

    /// <summary>The slowest plan within the limit, else the fastest that was found; null: out of reach.</summary>
    /// <param name="start">The model with all its channels, and its operators' times together.</param>
    /// <param name="solve">The plan for a limit on the operators' times together, and what they are with it; null: out of reach.</param>
    public CompressionPlan? Solve((byte[] Model, double Sum) start, Func<double, (CompressionPlan Plan, double Sum)?> solve)
    {
        var (at, slope) = (last ?? (start.Sum, Milliseconds(start.Model)), 1.0);
        (CompressionPlan Plan, double Time)? best = null;
        for (var attempt = 0; attempt < Attempts && solve(Math.Min(at.Sum + ((((1 + Used) / 2 * aim) - at.Time) / slope), start.Sum)) is { } solved; attempt++)
        {
            var time = Time(solved.Plan);
            if (best is not { Time: var known } || (known > aim ? time < known : time <= aim && time > known)) best = (solved.Plan, time);
            if (solved.Sum != at.Sum) slope = Math.Clamp((time - at.Time) / (solved.Sum - at.Sum), LeastSlope, MostSlope);
            last = at = (solved.Sum, time);
            if (time <= aim && (time >= Used * aim || solved.Sum >= start.Sum)) break;
        }
        return best?.Plan;
    }

    /// <summary>Whether the model that a plan gives is fast enough, by the clock.</summary>
    public bool Keeps(CompressionPlan plan) => Spare(plan) >= 1;

    /// <summary>Whether it takes longer than the policy allows, be it by no more than two measurements of one model differ.</summary>
    public bool IsMissed(CompressionPlan plan) => Time(plan) > limit;

    /// <summary>How many times longer a plan could take; below 1 it is too slow.</summary>
    public double Spare(CompressionPlan plan) => aim / Time(plan);

    private double Time(CompressionPlan plan)
    {
        var time = Milliseconds(OnnxWriter.ToBytes(Lean.Apply(PlanApplier.Sketch(context.Facts, plan).Model)));
        context.Reporter.Stage($"timed a plan: {time:0.###} ms of {limit:0.###} ms");
        return time;
    }

    /// <summary>Milliseconds of the float model for one sample.</summary>
    public static double FloatMilliseconds(SearchContext context)
    {
        using var session = FloatSession(context);
        var feed = context.FirstSample;
        return Timing.Interleaved([() => session.Run(feed)], new TimingSettings(0.3), context.Cancellation)[0].Min();
    }

    /// <summary>Milliseconds of a model for one sample, from its ratio to the float model's.</summary>
    private double Milliseconds(byte[] model)
    {
        using var exact = FloatSession(context);
        using var session = new Session(model, new SessionSettings());
        var feed = context.FirstSample;
        var rounds = Timing.Interleaved([() => exact.Run(feed), () => session.Run(feed)], new TimingSettings(0.3), context.Cancellation);
        return context.FloatMilliseconds * rounds[1].Min() / rounds[0].Min();
    }

    private static Session FloatSession(SearchContext context) =>
        context.Source is { } source ? new Session(source, new SessionSettings()) : new Session(context.Facts.Model, new SessionSettings());
}
