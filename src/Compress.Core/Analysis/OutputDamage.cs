using System.Numerics.Tensors;
using Compress.Graph;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Analysis;

/// <summary>How far a model's outputs have moved from the float model's: what every choice is judged by. No labels.</summary>
public static class OutputDamage
{
    /// <summary>Of the mean over channels: one that varies less counts as if it varied so much, for what hardly varies says little.</summary>
    private const double LeastVariance = 1e-3;

    /// <summary>Of a class that is masked out, with a logit of −∞.</summary>
    private const double LeastLog = -1e30;

    /// <param name="asDistribution">
    /// Outputs are logits: Kullback–Leibler divergence of their softmax; else squared error relative to the variance. Channels of a map [N, C, H, …] count alike
    /// there: a detector's scores and the logarithms of its boxes' sides have scales of their own.
    /// </param>
    /// <returns>The mean over samples, 0 for equal outputs and for text; 1, as if nothing were right, where the sizes differ: found boxes may be more or fewer.</returns>
    public static double Of(Tensor reference, Tensor actual, bool asDistribution)
    {
        if (reference.Type == Onnx.TensorProto.Types.DataType.String) return 0;
        if (!reference.Dims.AsSpan().SequenceEqual(actual.Dims)) return 1;
        if (reference.Count == 0) return 0;
        var (a, b) = (reference.Floats(), actual.Floats());
        if (asDistribution && reference.Rank >= 2) return Divergence(a, b, reference.Dims);
        return ClassAxis.IsMap(reference.Rank) ? RelativeError(a, b, (int)reference.Dims[1], (int)Tensor.ElementCount(reference.Dims[2..])) : RelativeError(a, b, 1, a.Length);
    }

    private static double Divergence(float[] reference, float[] actual, long[] dims)
    {
        var axis = ClassAxis.Of(dims.Length);
        var (classes, inner) = ((int)dims[axis], (int)Tensor.ElementCount(dims[(axis + 1)..]));
        double sum = 0;
        var (p, q, logits) = (new double[classes], new double[classes], new float[classes]);
        for (var at = 0; at < reference.Length; at += classes * inner)
            for (var position = at; position < at + inner; position++)
            {
                LogSoftmax(At(reference, position), p);
                LogSoftmax(At(actual, position), q);
                for (var c = 0; c < classes; c++) sum += Math.Exp(p[c]) * (p[c] - q[c]);
            }
        return Math.Max(0, sum / (reference.Length / classes));

        ReadOnlySpan<float> At(float[] values, int position)
        {
            if (inner == 1) return values.AsSpan(position, classes);
            for (var c = 0; c < classes; c++) logits[c] = values[position + (c * inner)];
            return logits;
        }
    }

    private static void LogSoftmax(ReadOnlySpan<float> logits, double[] result)
    {
        double max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        for (var c = 0; c < result.Length; c++) result[c] = Math.Max(logits[c] - max - Math.Log(sum), LeastLog);
    }

    private static double RelativeError(float[] reference, float[] actual, int channels, int inner)
    {
        var (errors, variances) = (new double[channels], new double[channels]);
        for (var c = 0; c < channels; c++)
        {
            double error = 0, mean = 0, square = 0;
            for (var start = c * inner; start < reference.Length; start += channels * inner)
                for (var i = start; i < start + inner; i++)
                {
                    if (reference[i] == actual[i] && float.IsInfinity(reference[i])) continue; // masked in both
                    double difference = reference[i] - actual[i];
                    error += difference * difference;
                    mean += reference[i];
                    square += (double)reference[i] * reference[i];
                }
            (errors[c], variances[c]) = (error, square - (mean * mean * channels / reference.Length));
        }
        var least = Math.Max(LeastVariance * variances.Average(), 1e-20);
        return errors.Zip(variances, (error, variance) => error / Math.Max(variance, least)).Average();
    }
}
