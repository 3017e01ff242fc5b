using Compress.Diagnostics;
using Compress.Graph;

namespace Compress.Data;

/// <summary>The samples of some arrays, fed to the inputs of one model.</summary>
internal sealed class SampleSet : IDataset
{
    private readonly IReadOnlyList<InputFeed> feeds;
    private readonly IReadOnlyList<(string Name, SampleArray Array)> extras;

    /// <summary>A model whose batch axis is fixed above 1 runs on exactly so many samples; 0 when it takes any number.</summary>
    private readonly int fixedBatch;

    private readonly HashSet<string> constants;

    public SampleSet(IReadOnlyList<InputFeed> feeds, IReadOnlyList<(string Name, SampleArray Array)> extras, DataRequest request)
    {
        (this.feeds, this.extras) = (feeds, extras);
        Files = [.. feeds.Select(feed => feed.Array).Concat(extras.Select(extra => extra.Array)).SelectMany(array => array.Files).Distinct().Order(StringComparer.Ordinal)];
        constants = [.. feeds.Where(feed => feed.Fit.Role == Role.Constant).Select(feed => feed.Input.Name)];
        var samples = AgreedSamples(request);
        (LargestBatch, fixedBatch) = BatchSize(request);
        if (samples > 0 && samples < fixedBatch) throw Codes.BatchNotFilled(request.At, request.Path, samples, fixedBatch).Error();
        Dropped = fixedBatch > 0 ? samples % fixedBatch : 0;
        Count = samples - Dropped;
        if (Count == 0) throw Codes.NoSamples(request.At, request.Path).Error();
    }

    public int Count { get; }

    public int LargestBatch { get; }

    public IReadOnlyList<string> Files { get; }

    /// <summary>Samples at the end that do not fill a batch of the fixed size.</summary>
    public int Dropped { get; }

    public IEnumerable<Batch> Read(int start, int count, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var left = Math.Max(0, Count - start);
        count = Math.Min(left, count);
        return fixedBatch > 0
            ? Batches(start, Math.Min(left / fixedBatch, (count + fixedBatch - 1) / fixedBatch) * fixedBatch, fixedBatch)
            : Batches(start, count, Math.Min(batchSize, LargestBatch));
    }

    private IEnumerable<Batch> Batches(int start, int count, int batchSize)
    {
        using var rows = new OpenRows(start);
        for (int done = 0, size; done < count; done += size)
        {
            size = Math.Min(batchSize, count - done);
            yield return new Batch(
                feeds.ToDictionary(feed => feed.Input.Name, feed => feed.Fit.Role == Role.Constant ? feed.Constant : feed.Read(rows.Of(feed, feed.Array), size, start + done), StringComparer.Ordinal),
                extras.ToDictionary(extra => extra.Name, extra => rows.Of(extra, extra.Array).Read(size), StringComparer.Ordinal),
                size) { Constants = constants };
        }
    }

    private int AgreedSamples(DataRequest request)
    {
        var sampled = feeds.Where(feed => feed.Fit.Role != Role.Constant).Select(feed => feed.Array).Concat(extras.Select(extra => extra.Array)).Distinct().ToList();
        var counts = sampled.Select(array => array.Dims is [var samples, ..] ? samples : 0).Distinct().ToList();
        if (counts.Count > 1) throw Codes.SampleCountsDiffer(request.At, string.Join(", ", sampled)).Error();
        return counts.Count == 0 ? 1 : (int)Math.Min(counts[0], int.MaxValue);
    }

    private (int Largest, int Fixed) BatchSize(DataRequest request)
    {
        var sampled = feeds.Where(feed => feed.Fit.Role != Role.Constant).ToList();
        var sizes = sampled.Select(feed => feed.Fit.Role == Role.Feed || feed.Array.IsRagged ? 1 : feed.Input.Dims[0]).Where(size => size > 0).Distinct().ToList();
        if (extras.Any(extra => extra.Array.IsRagged)) sizes.Add(1);
        if (sizes.Distinct().Count() > 1) throw Codes.BatchSizesDiffer(request.At, string.Join(", ", sampled.Select(feed => $"'{feed.Input.Name}' {feed.Input}"))).Error();
        return sizes switch
        {
            [] => (int.MaxValue, 0),
            [1, ..] => (1, 0),
            [var size, ..] => ((int)size, (int)size),
        };
    }

    /// <summary>The places in the arrays, one for each use, opened at the first.</summary>
    private sealed class OpenRows(int start) : IDisposable
    {
        private readonly Dictionary<object, IRowReader> readers = [];

        public IRowReader Of(object use, SampleArray array) => readers.TryGetValue(use, out var reader) ? reader : readers[use] = array.Open(start);

        public void Dispose()
        {
            foreach (var reader in readers.Values) reader.Dispose();
        }
    }
}
