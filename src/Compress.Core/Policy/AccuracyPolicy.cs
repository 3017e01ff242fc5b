using Compress.Diagnostics;

namespace Compress.Policy;

public enum MetricKind { Top1, Top5, Mse, Psnr, Cosine, Kl, Agreement, Iou, Command }

public enum OnMiss { Error, Warning }

/// <summary>The gate.</summary>
public sealed record AccuracyPolicy
{
    public required SourceLocation Location { get; init; }

    public DataSource? Data { get; init; }

    /// <summary>Name of the array with the labels, or with the targets of mse and psnr.</summary>
    public string? Labels { get; init; }

    public MetricKind Metric { get; init; } = MetricKind.Top1;

    /// <summary>Samples of the data that are used; null: all.</summary>
    public int? Samples { get; init; }

    /// <summary>Against the float model, in the metric's own unit (points for top1, top5 and agreement, dB for psnr).</summary>
    public At<double>? MaxDrop { get; init; }

    /// <summary>Absolute bound.</summary>
    public At<double>? Min { get; init; }

    /// <summary>Whether anything limits what a model may lose.</summary>
    public bool IsBounded => MaxDrop is not null || Min is not null;

    public OnMiss OnMiss { get; init; } = OnMiss.Error;

    /// <summary>Null: the calibration's.</summary>
    public Preprocess? Preprocess { get; init; }

    /// <summary>Graph output that the metric looks at; null: the first.</summary>
    public string? Output { get; init; }

    /// <summary>Scale of the target array: mse and psnr compare with target · TargetScale.</summary>
    public float TargetScale { get; init; } = 1;

    /// <summary>For `metric: command`: the command line with {model}; the last line it prints is the number.</summary>
    public string? Command { get; init; }

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(10);

    public bool HigherIsBetter { get; init; } = true;
}
