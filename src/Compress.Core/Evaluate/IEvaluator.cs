using Compress.Diagnostics;

namespace Compress.Evaluate;

/// <summary>Measures the policy's metric on models. The float model is measured once.</summary>
public interface IEvaluator : IDisposable
{
    /// <exception cref="CompressionException">CMP7003 to CMP7013.</exception>
    MetricValue MeasureFloat(CancellationToken cancellation = default);

    /// <param name="model">The bytes of an .onnx file.</param>
    /// <param name="cancellation">Stops within a batch, or ends the program that measures.</param>
    /// <exception cref="CompressionException">CMP7003 to CMP7013.</exception>
    MetricValue Measure(byte[] model, CancellationToken cancellation = default);
}
