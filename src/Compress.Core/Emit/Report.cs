using System.Text.Json.Serialization;

namespace Compress.Emit;

/// <summary>The facts of one compression, as they stand in the JSON report. No clock, no machine name.</summary>
public sealed record Report
{
    /// <summary>File name of the model.</summary>
    public required string Model { get; init; }

    public required string Method { get; init; }

    public required string Target { get; init; }

    /// <summary>Null when there was nothing to check with.</summary>
    public MetricFigures? Metric { get; init; }

    /// <summary>Bytes on disk, external data included.</summary>
    public required Figures Size { get; init; }

    /// <summary>Multiply-accumulates of one sample.</summary>
    public required Figures Macs { get; init; }

    /// <summary>Bit operations of one sample.</summary>
    public required BopsFigures Bops { get; init; }

    /// <summary>Milliseconds of one run on one thread.</summary>
    public Figures? Latency { get; init; }

    /// <summary>Peak bytes of activations of one sample.</summary>
    public Figures? Memory { get; init; }

    /// <summary>In graph order.</summary>
    public IReadOnlyList<LayerFigures> Layers { get; init; } = [];

    /// <summary>Channels that live and die together, in graph order.</summary>
    public IReadOnlyList<GroupFigures> Groups { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Before, after, and how many times less.</summary>
public record Figures(
    [property: JsonPropertyOrder(-4)] double Float,
    [property: JsonPropertyOrder(-3)] double Compressed)
{
    [JsonPropertyOrder(-2)]
    public double Factor => Compressed > 0 ? Math.Round(Float / Compressed, 4) : 0;
}

/// <summary>Bit operations.</summary>
/// <param name="Float">At 32 × 32 bits.</param>
/// <param name="Compressed">With the bits that were chosen.</param>
/// <param name="Convention">How they are counted, in words.</param>
public record CountedFigures(double Float, double Compressed, [property: JsonPropertyOrder(-1)] string Convention) : Figures(Float, Compressed);

/// <summary>By the convention that budgets are held against.</summary>
public sealed record BopsFigures(double Float, double Compressed, string Convention) : CountedFigures(Float, Compressed, Convention)
{
    /// <summary>By those of others, to hold against what they publish; null: not counted.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<CountedFigures>? OtherConventions { get; init; }

    /// <summary>Against the same graph at 8 × 8 bits.</summary>
    public double Int8Factor => Math.Round(Factor / 16, 4);
}

/// <summary>The metric of the gate on both models.</summary>
/// <param name="Name">As in the policy.</param>
/// <param name="Samples">0 when a program measured it.</param>
/// <param name="Passed">False when a bound was missed.</param>
/// <param name="Bound">The policy's bounds in words; null without any.</param>
public sealed record MetricFigures(string Name, double Float, double Compressed, int Samples, bool Passed, string? Bound)
{
    /// <summary>How much worse than float, in the metric's unit; negative when better.</summary>
    public double? Drop { get; init; }

    /// <summary>Half the width of the 95 % interval of the drop; null when unknown.</summary>
    public double? Margin { get; init; }
}

/// <summary>What became of one layer, under its name in the original graph.</summary>
public sealed record LayerFigures(string Name, string Type)
{
    /// <summary>As they are stored; 1.6 for ternary ones. Null: float.</summary>
    public double? WeightBits { get; init; }

    /// <summary>Null: float.</summary>
    public int? ActivationBits { get; init; }

    /// <summary>"dynamic" where the range of the layer's input is found as the model runs; null: it comes from calibration, or there is none.</summary>
    public string? Ranges { get; init; }

    /// <summary>Channels kept of those there were, "12/16"; null when none was cut.</summary>
    public string? Channels { get; init; }

    /// <summary>Squared error of the layer's output against the float model's, relative to its energy.</summary>
    public double? Error { get; init; }

    /// <summary>Why it stayed float, or was not touched.</summary>
    public string? Reason { get; init; }
}
