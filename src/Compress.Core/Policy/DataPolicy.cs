using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>Where samples come from: a file or folder, or one `file.npz:array` for each input.</summary>
public sealed record DataSource(SourceLocation Location, string? Path, IReadOnlyDictionary<string, At<string>> Inputs)
{
    internal static readonly DataSource None = new(new(""), null, new Dictionary<string, At<string>>());

    /// <summary>The files or folders that are named.</summary>
    public IEnumerable<string> Places() => (Path is { } one ? [one] : Inputs.Values.Select(target => target.Value)).Select(place => System.IO.Path.Exists(place) ? place : SplitArray(place).File);

    /// <summary>`file.npz:array` in two; the array is null when none is named. The colon of a drive letter is no separator.</summary>
    public static (string File, string? Array) SplitArray(string reference)
    {
        var colon = reference.LastIndexOf(':');
        var isName = colon > 1 && colon + 1 < reference.Length && reference.AsSpan(colon).IndexOfAny('/', '\\') < 0;
        return isName ? (reference[..colon], reference[(colon + 1)..]) : (reference, null);
    }
}

public sealed record CalibrationPolicy
{
    public required DataSource Data { get; init; }

    public int Samples { get; init; } = 512;

    public Preprocess Preprocess { get; init; } = Preprocess.None;

    public RangeMethod Range { get; init; } = RangeMethod.Auto;
}

/// <summary>How an activation range is taken from its histogram.</summary>
public enum RangeMethod { Auto, MinMax, MeanMinMax, Percentile, Entropy, Mse }

/// <summary>y = (x · scale − mean) / std, per channel; then layout and size.</summary>
public sealed record Preprocess
{
    public static readonly Preprocess None = new();

    /// <summary>That of all data of a model.</summary>
    public static Preprocess Of(ModelPolicy policy) => policy.Calibration?.Preprocess ?? policy.Accuracy?.Preprocess ?? None;

    public float Scale { get; init; } = 1;

    /// <summary>One value, or one a channel.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    public IReadOnlyList<float> Std { get; init; } = [];

    /// <summary>Layout that the model wants, for data that come as height, width, channel.</summary>
    public Layout? Layout { get; init; }

    /// <summary>Height and width that images are resized to; null: as the input says.</summary>
    public (int Height, int Width)? Resize { get; init; }

    /// <summary>Model inputs that the numbers apply to; empty: every floating-point input.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];
}

public enum Layout { Nchw, Nhwc }

/// <summary>How weights follow their gradients.</summary>
public enum OptimizerKind { Adam, Sgd }

/// <summary>How the rate of learning falls.</summary>
public enum RateSchedule { Cosine, Step }

public sealed record TrainPolicy
{
    public required DataSource Data { get; init; }

    public string? Labels { get; init; }

    /// <summary>Factor of labels that are values.</summary>
    public float TargetScale { get; init; } = 1;

    public double? Epochs { get; init; }

    public double? Minutes { get; init; }

    public bool Distill { get; init; } = true;

    /// <summary>Whether the float model's values at the ends of blocks are learned from too.</summary>
    public bool Features { get; init; }

    /// <summary>Whether gradients are scaled by the distance to the grid.</summary>
    public bool PositionScaled { get; init; }

    public OptimizerKind Optimizer { get; init; }

    /// <summary>Largest rate of learning; null: that of the trainer.</summary>
    public double? Rate { get; init; }

    public RateSchedule Schedule { get; init; }

    public double WeightDecay { get; init; }

    /// <summary>Side of a blanked square, as a share of the image's.</summary>
    public double Cutout { get; init; }

    /// <summary>The file that keeps the trained weights, absolute; null: only the cache does.</summary>
    public string? Store { get; init; }
}
