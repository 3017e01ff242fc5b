using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Compress.Diagnostics;

namespace Compress.Runtime;

/// <summary>Coarse work on several threads. An expected failure comes out as it is, as it would from a loop, not wrapped together with others.</summary>
internal static class Concurrent
{
    /// <summary>Numbers that a few passes over them take some microseconds for.</summary>
    public const int Worth = 1 << 14;

    /// <summary>Of the work that a thread does and starts, so that compressions side by side may have different ones.</summary>
    private static readonly AsyncLocal<int> Limit = new();

    /// <summary>For loops over numbers that lie deep inside: as many threads as <see cref="Allow"/> said last, else one a core.</summary>
    public static ParallelOptions Fine => new() { MaxDegreeOfParallelism = Limit.Value > 0 ? Limit.Value : Environment.ProcessorCount };

    /// <summary>Bounds the threads of <see cref="Fine"/> loops in all that is called from here on.</summary>
    public static void Allow(int threads) => Limit.Value = threads;

    /// <param name="items">Taken one by one as threads become free, so that a stream is read no further than needed.</param>
    /// <exception cref="CompressionException">The first that was thrown.</exception>
    public static void ForEach<T>(IEnumerable<T> items, int threads, CancellationToken cancellation, Action<T> body)
    {
        // Where not all cores may be used, loops within the work must not multiply the threads; else the cores bound them.
        void Bounded(T item)
        {
            if (threads is 1 || Fine.MaxDegreeOfParallelism >= Environment.ProcessorCount) { body(item); return; }
            var before = Limit.Value;
            Limit.Value = 1;
            try
            {
                body(item);
            }
            finally
            {
                Limit.Value = before;
            }
        }
        try
        {
            Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, Bounded);
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.FirstOrDefault(inner => inner is CompressionException) is { } expected)
        {
            ExceptionDispatchInfo.Throw(expected);
        }
    }

    /// <summary>For each number from 0 to <paramref name="count"/> - 1.</summary>
    public static void For(int count, int threads, CancellationToken cancellation, Action<int> body) => ForEach(Enumerable.Range(0, count), threads, cancellation, body);

    /// <summary>Goes over rows of numbers in pieces that are worth a thread, so that one long list keeps all of them busy.</summary>
    /// <param name="rows">For each list how many rows it has, and their length.</param>
    /// <param name="body">List, first row, row behind the last.</param>
    public static void Rows(IReadOnlyList<(int Count, int Length)> rows, Action<int, int, int> body)
    {
        var pieces = new List<(int List, int From, int To)>();
        for (var list = 0; list < rows.Count; list++)
        {
            var step = Math.Max(1, Worth / Math.Max(1, rows[list].Length));
            for (var from = 0; from < rows[list].Count; from += step) pieces.Add((list, from, Math.Min(from + step, rows[list].Count)));
        }
        if (pieces is [var one]) body(one.List, one.From, one.To);
        else Parallel.For(0, pieces.Count, Fine, i => body(pieces[i].List, pieces[i].From, pieces[i].To));
    }
}
