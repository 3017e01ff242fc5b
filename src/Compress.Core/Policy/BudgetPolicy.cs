using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>One bound of a budget: a factor against the float model ("10x"), or an absolute value (bytes, operations, milliseconds).</summary>
public sealed record Bound(double Value, bool IsFactor, SourceLocation Location)
{
    /// <summary>The largest cost that is allowed, given the float model's.</summary>
    public double Limit(double original) => IsFactor ? original / Value : Value;
}

public sealed record BudgetPolicy
{
    public required SourceLocation Location { get; init; }

    public Bound? Size { get; init; }

    public Bound? Bops { get; init; }

    public Bound? Macs { get; init; }

    public Bound? Latency { get; init; }

    public Bound? Memory { get; init; }
}
