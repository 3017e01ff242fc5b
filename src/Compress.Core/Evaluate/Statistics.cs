namespace Compress.Evaluate;

/// <summary>Sums in index order and in double, so that the result never depends on threads.</summary>
internal static class Statistics
{
    public static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return values.Length > 0 ? sum / values.Length : double.NaN;
    }

    /// <summary>Standard error of the mean, from the unbiased variance; 0 for fewer than two values.</summary>
    public static double StandardError(ReadOnlySpan<double> values)
    {
        if (values.Length < 2) return 0;
        var mean = Mean(values);
        var squares = 0.0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        return Math.Sqrt(squares / (values.Length - 1) / values.Length);
    }
}
