using System.Diagnostics;

namespace Compress.Runtime;

/// <summary>How long is measured.</summary>
/// <param name="Seconds">Time after which it ends as soon as the best times are confirmed; ten times that in any case.</param>
/// <param name="LeastRounds">Rounds that are made in any case.</param>
public sealed record TimingSettings(double Seconds = 0.5, int LeastRounds = 11);

/// <summary>Milliseconds of one run. On a busy machine the minimum is the figure that repeats: everything else only ever adds.</summary>
public sealed record RunTime(double Median, double Minimum);

/// <summary>
/// Times several actions against each other. Each round runs all of them, every second round backwards: whatever else the machine does
/// meanwhile meets them alike.
/// </summary>
public static class Timing
{
    /// <summary>Shorter actions are repeated within a measurement: the clock and the call around them would count too much.</summary>
    private const double LeastMilliseconds = 1;
    private const int WarmUp = 2;

    /// <summary>A best time is confirmed when two other rounds came this close to it.</summary>
    private const double Close = 1.02;
    private const double Patience = 10;

    /// <summary>Milliseconds of one run of each action, [action][round].</summary>
    public static double[][] Interleaved(IReadOnlyList<Action> actions, TimingSettings settings, CancellationToken cancellation = default)
    {
        var repeats = actions.Select(Repeats).ToArray();
        var times = actions.Select(_ => new List<double>()).ToArray();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < settings.LeastRounds || !IsEnough(times, clock.Elapsed.TotalSeconds / settings.Seconds); round++)
            for (var i = 0; i < actions.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var turn = round % 2 == 0 ? i : actions.Count - 1 - i;
                times[turn].Add(Measure(actions[turn], repeats[turn]));
            }
        return Array.ConvertAll(times, list => list.ToArray());
    }

    public static RunTime Summary(IReadOnlyCollection<double> times) => new(times.Order().ElementAt(times.Count / 2), times.Min());

    private static bool IsEnough(List<double>[] times, double elapsed) =>
        elapsed >= Patience || (elapsed >= 1 && times.All(list => list.Order().ElementAtOrDefault(2) <= Close * list.Min()));

    private static int Repeats(Action action)
    {
        for (var i = 0; i < WarmUp; i++) action();
        return (int)Math.Clamp(Math.Ceiling(LeastMilliseconds / Measure(action, 1)), 1, 1000);
    }

    private static double Measure(Action action, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++) action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / repeats;
    }
}
