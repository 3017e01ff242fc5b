using System.Runtime.InteropServices;
using Compress.Data;

namespace Compress.Evaluate;

/// <summary>An evaluator that keeps the float model's value in the cache: every compression of the same model on the same data asks for it again.</summary>
/// <param name="inner">Measures what is not known.</param>
/// <param name="cache">Where the value is kept.</param>
/// <param name="key">Fingerprint of the float model, the data, the metric and the runtime.</param>
internal sealed class RememberedEvaluator(IEvaluator inner, ResultCache cache, string key) : IEvaluator
{
    private MetricValue? floatValue;

    public MetricValue MeasureFloat(CancellationToken cancellation) => floatValue ??= Kept() ?? Keep(inner.MeasureFloat(cancellation));

    public MetricValue Measure(byte[] model, CancellationToken cancellation) => inner.Measure(model, cancellation);

    public void Dispose() => inner.Dispose();

    private MetricValue? Kept()
    {
        if (cache.Get(key) is not { } bytes) return null;
        var numbers = MemoryMarshal.Cast<byte, double>(bytes);
        return new MetricValue(numbers[0], (int)numbers[1], numbers[2]) { Contributions = numbers[3..].ToArray() };
    }

    private MetricValue Keep(MetricValue value)
    {
        double[] numbers = [value.Value, value.Samples, value.StandardError, .. value.Contributions];
        cache.Put(key, MemoryMarshal.AsBytes<double>(numbers).ToArray());
        return value;
    }
}
