using System.Numerics.Tensors;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Analysis;

/// <summary>How far a model's outputs have moved from the float model's: what every choice is judged by. No labels.</summary>
public static class OutputDamage
{
    /// <param name="asDistribution">Outputs are logits: Kullback–Leibler divergence of their softmax; else squared error relative to the variance.</param>
    /// <returns>The mean over samples, 0 for equal outputs.</returns>
    public static double Of(Tensor reference, Tensor actual, bool asDistribution)
    {
        var (a, b) = (reference.Floats(), actual.Floats());
        return asDistribution && reference.Rank >= 2 ? Divergence(a, b, (int)reference.Dims[^1]) : RelativeError(a, b);
    }

    private static double Divergence(float[] reference, float[] actual, int classes)
    {
        double sum = 0;
        var (p, q) = (new double[classes], new double[classes]);
        for (var at = 0; at < reference.Length; at += classes)
        {
            LogSoftmax(reference.AsSpan(at, classes), p);
            LogSoftmax(actual.AsSpan(at, classes), q);
            for (var c = 0; c < classes; c++) sum += Math.Exp(p[c]) * (p[c] - q[c]);
        }
        return Math.Max(0, sum / (reference.Length / classes));
    }

    private static void LogSoftmax(ReadOnlySpan<float> logits, double[] result)
    {
        double max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        for (var c = 0; c < result.Length; c++) result[c] = logits[c] - max - Math.Log(sum);
    }

    private static double RelativeError(float[] reference, float[] actual)
    {
        double error = 0, mean = 0, square = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            double difference = reference[i] - actual[i];
            error += difference * difference;
            mean += reference[i];
            square += (double)reference[i] * reference[i];
        }
        var variance = square - (mean * mean / reference.Length);
        return error / Math.Max(variance, 1e-20);
    }
}
