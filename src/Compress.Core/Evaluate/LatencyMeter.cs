using System.Diagnostics;
using Compress.Graph;
using Compress.Runtime;

namespace Compress.Evaluate;

/// <summary>Two models timed against each other.</summary>
public sealed record LatencyComparison(RunTime First, RunTime Second)
{
    /// <summary>How many times faster the second is, by the best time of each.</summary>
    public double Ratio => First.Minimum / Second.Minimum;
}

/// <summary>Measures latency on the CPU of this machine. Absolute times differ from minute to minute; compare within one call only.</summary>
public static class LatencyMeter
{
    /// <summary>A model that takes longer than this altogether is timed in fewer rounds.</summary>
    private const double UsualMilliseconds = 4000;

    /// <param name="first">A model.</param>
    /// <param name="second">The model to compare with.</param>
    /// <param name="feed">Inputs of both, with the batch size that is asked about.</param>
    /// <param name="threads">Threads within an operator; one is what a server that handles requests in parallel sees.</param>
    /// <param name="settings">How long; null: a third of a second, longer where the machine is busy, and few rounds of slow models.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <exception cref="Diagnostics.CompressionException">CMP2007, CMP2008: a model does not load or run.</exception>
    public static LatencyComparison Compare(
        LoadableModel first, LoadableModel second, IReadOnlyDictionary<string, Tensor> feed, int threads = 1, TimingSettings? settings = null, CancellationToken cancellation = default)
    {
        using var a = new Session(first, new SessionSettings(threads));
        using var b = new Session(second, new SessionSettings(threads));
        var times = Timing.Interleaved([() => a.Run(feed), () => b.Run(feed)], settings ?? Usual(() => a.Run(feed)), cancellation);
        return new(Timing.Summary(times[0]), Timing.Summary(times[1]));
    }

    private static TimingSettings Usual(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        var rounds = UsualMilliseconds / 2 / Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return new TimingSettings(Seconds: 0.3, LeastRounds: (int)Math.Clamp(rounds, 1, new TimingSettings().LeastRounds));
    }
}
