namespace Compress.Policy;

/// <summary>How weights are rounded.</summary>
public enum Rounding { Auto, Nearest, Max, Gptq, AdaRound, Nested }

/// <summary>Where the range of an activation comes from.</summary>
public enum RangeSource
{
    /// <summary>From calibration; from the values themselves where that is needed to pass the gate.</summary>
    Auto,

    /// <summary>From calibration: it is a constant.</summary>
    Static,

    /// <summary>Wherever a kernel allows it, from the values themselves, every time that the model runs.</summary>
    Dynamic,
}

public sealed record QuantizePolicy
{
    /// <summary>False for `quantize: none`.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The width that stands for three values, −1, 0 and 1 times a scale.</summary>
    public const int Ternary = 1;

    /// <summary>Bit-widths to choose from, 2 to 8 or <see cref="Ternary"/>; empty: automatic. One value: uniform.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [];

    /// <summary>4 to 8, or 16; 32 keeps float; empty: automatic.</summary>
    public IReadOnlyList<int> Activations { get; init; } = [];

    public Rounding Rounding { get; init; } = Rounding.Auto;

    public RangeSource Ranges { get; init; }

    /// <summary>Whether weights of dense layers in float arithmetic stay packed as the model runs, where that takes no more time.</summary>
    public bool KeepPacked { get; init; }

    /// <summary>Whether 8-bit weights may use all of int8 although 16-bit pair sums may then saturate on processors without VNNI.</summary>
    public bool AllowOverflow { get; init; }
}

public sealed record PrunePolicy
{
    /// <summary>Null: automatic. False for `prune: none`.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Share of every group's channels to remove, 0 to 0.95.</summary>
    public double? Ratio { get; init; }

    /// <summary>Where a share of channels goes.</summary>
    public PruneSpread Spread { get; init; }

    /// <summary>Whether layers may become products of two smaller ones.</summary>
    public bool Factorize { get; init; } = true;

    /// <summary>Null: any count; under a budget on operations or time those that are faster on this machine.</summary>
    public int? KeepMultipleOf { get; init; }
}

/// <summary>How groups of channels that the policy gives the same share take it.</summary>
public enum PruneSpread
{
    /// <summary>Each loses that share.</summary>
    Even,

    /// <summary>Together they lose it, each as much of it as the outputs miss least, as measured.</summary>
    Measured,
}
