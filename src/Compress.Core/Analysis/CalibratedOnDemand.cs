using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Compress.Analysis;

/// <summary>Histograms that are taken when the first one is asked for: a locked plan brings its grids along and needs none.</summary>
public sealed class CalibratedOnDemand(Func<IReadOnlyDictionary<string, Histogram>> calibrate) : IReadOnlyDictionary<string, Histogram>
{
    private readonly Lazy<IReadOnlyDictionary<string, Histogram>> histograms = new(calibrate);

    public Histogram this[string key] => histograms.Value[key];

    public IEnumerable<string> Keys => histograms.Value.Keys;

    public IEnumerable<Histogram> Values => histograms.Value.Values;

    public int Count => histograms.Value.Count;

    public bool ContainsKey(string key) => histograms.Value.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Histogram value) => histograms.Value.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, Histogram>> GetEnumerator() => histograms.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
