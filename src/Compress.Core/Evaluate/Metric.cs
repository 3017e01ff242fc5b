using Compress.Policy;

namespace Compress.Evaluate;

/// <summary>What a metric compares a model's output with.</summary>
internal enum Against
{
    /// <summary>The labels array of the data.</summary>
    Labels,

    /// <summary>The array that the policy names; without one, the float model's output.</summary>
    Target,

    /// <summary>The float model's output on the same sample.</summary>
    Float,

    /// <summary>Nothing here: a program of the user measures.</summary>
    Program,
}

/// <summary>The score of one sample; <paramref name="target"/> holds labels, a target scaled by <paramref name="scale"/>, or the float model's output.</summary>
internal delegate double SampleScore(SampleOutput output, SampleOutput target, float scale);

/// <summary>One row of the table of metrics. A metric is the mean of its samples' scores; psnr is a function of that mean.</summary>
internal sealed record Metric(MetricKind Kind, string Unit, bool Higher, Against Against, SampleScore Score)
{
    private static readonly Metric[] Table =
    [
        new(MetricKind.Top1, "points", true, Against.Labels, (output, labels, _) => Scores.Top(output, labels.Values, 1)),
        new(MetricKind.Top5, "points", true, Against.Labels, (output, labels, _) => Scores.Top(output, labels.Values, 5)),
        new(MetricKind.Iou, "", true, Against.Labels, (output, boxes, _) => Scores.Overlap(output.Values, boxes.Values)),
        new(MetricKind.Mse, "", false, Against.Target, (output, target, scale) => Scores.SquaredError(output.Values, target.Values, scale)),
        new(MetricKind.Psnr, "dB", true, Against.Target, (output, target, scale) => Scores.SquaredError(output.Values, target.Values, scale)),
        new(MetricKind.Agreement, "points", true, Against.Float, (output, reference, _) => Scores.Agreement(output, reference)),
        new(MetricKind.Cosine, "", true, Against.Float, (output, reference, _) => Scores.Cosine(output.Values, reference.Values)),
        new(MetricKind.Kl, "nats", false, Against.Float, (output, reference, _) => Scores.Divergence(output, reference)),
        new(MetricKind.Command, "", true, Against.Program, (_, _, _) => double.NaN),
    ];

    public static Metric Of(MetricKind kind) => Table.Single(metric => metric.Kind == kind);

    /// <summary>True when a larger value is a better model; for a program the policy says so.</summary>
    public static bool HigherIsBetter(AccuracyPolicy policy) => policy.Metric == MetricKind.Command ? policy.HigherIsBetter : Of(policy.Metric).Higher;

    /// <summary>True when the float model itself is the measure, so that its own value is the best there can be.</summary>
    public static bool IsRelative(AccuracyPolicy policy) => Of(policy.Metric).Against switch
    {
        Against.Float => true,
        Against.Target => policy.Labels is null,
        _ => false,
    };

    /// <summary>The metric from its samples' scores, in sample order.</summary>
    public MetricValue Combine(double[] scores)
    {
        var mean = Statistics.Mean(scores);
        if (Kind != MetricKind.Psnr) return new(mean, scores.Length, Statistics.StandardError(scores)) { Contributions = scores };

        // PSNR with peak 1 of the mean squared error over all samples; its slope there carries the error over.
        var value = -10 * Math.Log10(mean);
        var slope = -10 / (Math.Log(10) * mean);
        var contributions = mean > 0 ? Array.ConvertAll(scores, score => value + slope * (score - mean)) : [];
        return new(value, scores.Length, Statistics.StandardError(contributions)) { Contributions = contributions };
    }
}
