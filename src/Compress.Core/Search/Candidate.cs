using Compress.Apply;
using Compress.Evaluate;
using Compress.Plan;

namespace Compress.Search;

/// <summary>A plan that was carried out: the model's bytes and what it costs, and its metric once it was measured.</summary>
public sealed record Candidate(CompressionPlan Plan, AppliedPlan Applied, byte[] Model, PlanCosts Costs)
{
    public long Size => Model.Length;

    /// <summary>Null until measured, or when there is nothing to measure with.</summary>
    public MetricValue? Metric { get; init; }

    public GateVerdict? Verdict { get; init; }

    /// <summary>True without a gate.</summary>
    public bool Passes => Verdict is null or { Passed: true };
}
