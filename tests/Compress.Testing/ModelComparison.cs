using Compress.Graph;
using Compress.Runtime;

namespace Compress.Testing;

/// <summary>Runs models as they stand, without ONNX Runtime's own optimizations, and compares what comes out.</summary>
public static class ModelComparison
{
    public static IReadOnlyDictionary<string, Tensor> Run(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings(Optimize: false));
        return session.Run(feed);
    }

    /// <summary>
    /// The largest difference of any two output elements, relative to the largest magnitude of that output (at least 1).
    /// Infinite when names, types, dimensions or the places of NaN differ.
    /// </summary>
    public static double Difference(OnnxModel one, OnnxModel other, IReadOnlyDictionary<string, Tensor> feed)
    {
        var (a, b) = (Run(one, feed), Run(other, feed));
        return a.Keys.SequenceEqual(b.Keys) ? a.Max(output => Difference(output.Value, b[output.Key])) : double.PositiveInfinity;
    }

    private static double Difference(Tensor one, Tensor other)
    {
        if (one.Type != other.Type || !one.Dims.SequenceEqual(other.Dims)) return double.PositiveInfinity;
        var (a, b) = (one.Doubles(), other.Doubles());
        var (largest, difference) = (1.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i])) continue; // infinities and NaN among them
            if (!double.IsFinite(a[i]) || !double.IsFinite(b[i])) return double.PositiveInfinity;
            largest = Math.Max(largest, Math.Abs(a[i]));
            difference = Math.Max(difference, Math.Abs(a[i] - b[i]));
        }
        return difference / largest;
    }
}
