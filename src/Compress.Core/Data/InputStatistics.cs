using System.Numerics.Tensors;

namespace Compress.Data;

/// <summary>Range, mean and deviation of all values of one input; samples with values that are not finite are only counted.</summary>
internal sealed class InputStatistics(bool isPicture)
{
    private double count, sum, squares;

    public bool IsPicture => isPicture;

    public float Min { get; private set; } = float.PositiveInfinity;

    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>Samples with NaN or infinite values.</summary>
    public int NotFinite { get; private set; }

    public double Mean => sum / count;

    public double Deviation => Math.Sqrt(Math.Max(0, squares / count - Mean * Mean));

    public bool IsEmpty => count == 0;

    /// <param name="sample">The values of one sample.</param>
    /// <returns>Whether they are all the same.</returns>
    public bool Add(ReadOnlySpan<float> sample)
    {
        if (sample.IsEmpty) return false;
        var (min, max) = (TensorPrimitives.Min(sample), TensorPrimitives.Max(sample));
        if (!float.IsFinite(min) || !float.IsFinite(max))
        {
            NotFinite++;
            return false;
        }
        (Min, Max) = (Math.Min(Min, min), Math.Max(Max, max));
        (count, sum, squares) = (count + sample.Length, sum + TensorPrimitives.Sum(sample), squares + TensorPrimitives.SumOfSquares(sample));
        return min == max;
    }
}
