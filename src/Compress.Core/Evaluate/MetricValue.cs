namespace Compress.Evaluate;

/// <summary>A metric measured on one model.</summary>
/// <param name="Value">In the metric's unit: points for top1, top5 and agreement, dB for psnr.</param>
/// <param name="Samples">Samples it was taken over; 0 when a program measured it.</param>
/// <param name="StandardError">Of the value as an estimate over all data of this kind; 0 when unknown.</param>
public sealed record MetricValue(double Value, int Samples, double StandardError)
{
    /// <summary>Half the width of the 95 % interval, by the normal approximation.</summary>
    public double Margin => 1.96 * StandardError;

    /// <summary>What each sample adds to the value: the value is their mean, to first order. Empty when unknown.</summary>
    internal double[] Contributions { get; init; } = [];

    /// <summary>This value minus <paramref name="other"/>, with the standard error of a paired comparison when both saw the same samples.</summary>
    public Difference Minus(MetricValue other)
    {
        var error = Contributions.Length > 0 && Contributions.Length == other.Contributions.Length
            ? Statistics.StandardError(Contributions.Zip(other.Contributions, (a, b) => a - b).ToArray())
            : Math.Sqrt(StandardError * StandardError + other.StandardError * other.StandardError);
        return new Difference(Value - other.Value, error);
    }
}

/// <summary>Difference of a metric between two models.</summary>
public sealed record Difference(double Value, double StandardError)
{
    /// <summary>Half the width of the 95 % interval, by the normal approximation.</summary>
    public double Margin => 1.96 * StandardError;
}
