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
/// <param name="known">Times by <see cref="OperatorCase.Key"/>, taken instead of measuring.</param>
/// <param name="threads">Threads within an operator.</param>
public sealed class LatencyTable(ResultCache? cache = null, IReadOnlyDictionary<string, double>? known = null, int threads = 1)
{
    private static readonly TimingSettings Settings = new(Seconds: 0.05);

    /// <summary>Operators that are timed in turn with each other.</summary>
    private const int AtOnce = 16;

    /// <summary>What every operator is timed against: both suffer alike from whatever else the machine does.</summary>
    private static readonly OperatorCase Yardstick = new(
        new Node("Conv", ["x", "w"], ["y"]).Set("pads", [1, 1, 1, 1]), [1, 32, 28, 28], [32, 32, 3, 3], Integer: false);

    /// <summary>A run that computes next to nothing: what calling ONNX Runtime costs.</summary>
    private static readonly OperatorCase Empty = new(new Node("MatMul", ["x", "w"], ["y"]), [1, 1], [1, 1], Integer: false);

    private readonly ConcurrentDictionary<string, double> times = new(known ?? new Dictionary<string, double>(), StringComparer.Ordinal);
    private readonly Lock measuring = new();

    /// <summary>All times that were asked for, by <see cref="OperatorCase.Key"/>.</summary>
    public IReadOnlyDictionary<string, double> Times => new SortedDictionary<string, double>(times, StringComparer.Ordinal);

    /// <summary>Milliseconds of one run of the operator, without the cost of the call.</summary>
    public double Milliseconds(OperatorCase operation)
    {
        Measure([operation]);
        return times[operation.Key];
    }

    /// <summary>Measures what is not known yet, operators against each other in turn. One measurement at a time.</summary>
    public void Measure(IReadOnlyList<OperatorCase> operations)
    {
        lock (measuring)
            foreach (var few in operations.DistinctBy(operation => operation.Key).Where(operation => !times.ContainsKey(operation.Key) && !Kept(operation.Key)).Chunk(AtOnce))
            {
                var relative = Relative(few);
                for (var i = 0; i < few.Length; i++) Keep(few[i].Key, relative[i] * YardstickTime());
            }
    }

    private double YardstickTime()
    {
        const string Name = "yardstick";
        if (!times.ContainsKey(Name) && !Kept(Name))
        {
            using var session = new Running(Yardstick, threads);
            Keep(Name, Timing.Summary(Timing.Interleaved([session.Run], new(Seconds: 0.3))[0]).Minimum);
        }
        return times[Name];
    }

    /// <summary>The operators' times in units of the yardstick's.</summary>
    private double[] Relative(OperatorCase[] operations)
    {
        var running = operations.Append(Yardstick).Append(Empty).Select(operation => new Running(operation, threads)).ToList();
        try
        {
            var best = Array.ConvertAll(Timing.Interleaved([.. running.Select(session => (Action)session.Run)], Settings), rounds => rounds.Min());
            return Array.ConvertAll(best[..^2], time => Math.Max(0, time - best[^1]) / (best[^2] - best[^1]));
        }
        finally
        {
            running.ForEach(session => session.Dispose());
        }
    }

    /// <summary>Takes a time from the cache, if it is there.</summary>
    private bool Kept(string name)
    {
        if (cache?.Get(Key(name)) is not { } bytes || !double.TryParse(Encoding.UTF8.GetString(bytes), CultureInfo.InvariantCulture, out var time)) return false;
        times[name] = time;
        return true;
    }

    private void Keep(string name, double time)
    {
        times[name] = Math.Round(time, 5);
        cache?.Put(Key(name), Encoding.UTF8.GetBytes(times[name].ToString("R", CultureInfo.InvariantCulture)));
    }

    private string Key(string name) => Fingerprint.Of("latency", Machine.Description, threads.ToString(CultureInfo.InvariantCulture), name);

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
