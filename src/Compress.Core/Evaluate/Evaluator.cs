using Compress.Data;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Evaluate;

/// <summary>Chooses how a policy's metric is measured.</summary>
public static class Evaluator
{
    /// <summary>The arrays that the policy's metric needs besides the model's inputs: labels or a target.</summary>
    public static IReadOnlyList<string> Arrays(AccuracyPolicy policy) => Metric.Of(policy.Metric).Against switch
    {
        Against.Labels => [policy.Labels ?? Targets.DefaultName],
        Against.Target when policy.Labels is { } target => [target],
        _ => [],
    };

    /// <summary>
    /// Null when the policy gives nothing to check with, neither a program nor data: warn with <see cref="Codes.NothingChecked"/>.
    /// </summary>
    /// <param name="policy">The gate's policy; null: none.</param>
    /// <param name="floatModel">The model that came in.</param>
    /// <param name="data">The policy's samples, preprocessed; null for a program, or when there are none.</param>
    /// <param name="threads">Batches that run at a time. The result does not depend on it.</param>
    public static IEvaluator? For(AccuracyPolicy? policy, LoadableModel floatModel, IDataset? data, int threads)
    {
        if (policy is { Metric: MetricKind.Command }) return new CommandEvaluator(policy, floatModel);
        return policy is null || data is null ? null : new DatasetEvaluator(policy, floatModel, data, threads);
    }
}
