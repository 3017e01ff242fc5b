using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;

namespace Compress.Analysis;

/// <summary>
/// Milliseconds of single operators on this machine, each measured once and kept. Time is no smooth function of channels
/// (48 may cost what 40 does, and integers may be slower), so it is measured, not modelled.
/// </summary>
/// <param name="cache">Keeps measurements between runs; null: none.</param>
/// <param name="known">Times from a lock file, taken instead of measuring.</param>
/// <param name="threads">Threads within an operator.</param>
public sealed class LatencyTable(ResultCache? cache = null, IReadOnlyDictionary<string, double>? known = null, int threads = 1)
{
    private static readonly TimingSettings Settings = new(Seconds: 0.05);

    /// <summary>What every operator is timed against: both suffer alike from whatever else the machine does.</summary>
    private static readonly OperatorCase Yardstick = new(
        new Node("Conv", ["x", "w"], ["y"]).Set("pads", [1, 1, 1, 1]), [1, 32, 28, 28], [32, 32, 3, 3], Integer: false);

    /// <summary>A run that computes next to nothing: what calling ONNX Runtime costs.</summary>
    private static readonly OperatorCase Empty = new(new Node("MatMul", ["x", "w"], ["y"]), [1, 1], [1, 1], Integer: false);

    private readonly ConcurrentDictionary<string, double> times = new(known ?? new Dictionary<string, double>(), StringComparer.Ordinal);
    private readonly Lock measuring = new();

    /// <summary>All times that were asked for, by <see cref="OperatorCase.Key"/>: for the lock file.</summary>
    public IReadOnlyDictionary<string, double> Times => new SortedDictionary<string, double>(times, StringComparer.Ordinal);

    /// <summary>Milliseconds of one run of the operator, without the cost of the call. One measurement at a time.</summary>
    public double Milliseconds(OperatorCase operation)
    {
        if (times.TryGetValue(operation.Key, out var time)) return time;
        lock (measuring) return times.GetOrAdd(operation.Key, _ => Cached(operation.Key, () => Relative(operation) * YardstickTime()));
    }

    private double YardstickTime() => times.GetOrAdd("yardstick", name => Cached(name, () =>
    {
        using var session = new Running(Yardstick, threads);
        return Timing.Summary(Timing.Interleaved([session.Run], new(Seconds: 0.3))[0]).Minimum;
    }));

    /// <summary>The operator's time in units of the yardstick's.</summary>
    private double Relative(OperatorCase operation)
    {
        using var session = new Running(operation, threads);
        using var yardstick = new Running(Yardstick, threads);
        using var empty = new Running(Empty, threads);
        var rounds = Timing.Interleaved([session.Run, yardstick.Run, empty.Run], Settings);
        var best = Array.ConvertAll(rounds, times => times.Min());
        return Math.Max(0, best[0] - best[2]) / (best[1] - best[2]);
    }

    private double Cached(string name, Func<double> measure)
    {
        var key = Fingerprint.Of("latency", Machine.Description, threads.ToString(CultureInfo.InvariantCulture), name);
        if (cache?.Get(key) is { } bytes && double.TryParse(Encoding.UTF8.GetString(bytes), CultureInfo.InvariantCulture, out var kept)) return kept;
        var time = Math.Round(measure(), 5);
        cache?.Put(key, Encoding.UTF8.GetBytes(time.ToString("R", CultureInfo.InvariantCulture)));
        return time;
    }

    /// <summary>A one-operator model, ready to run.</summary>
    private sealed class Running : IDisposable
    {
        private readonly Session session;
        private readonly IReadOnlyDictionary<string, Tensor> feed;

        public Running(OperatorCase operation, int threads)
        {
            (var model, feed) = operation.Build();
            session = new Session(model, new SessionSettings(threads));
        }

        public void Run() => session.Run(feed);

        public void Dispose() => session.Dispose();
    }
}
