using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Evaluate;

/// <summary>Checks that labels or targets fit a model's output, before they are compared.</summary>
internal static class Targets
{
    /// <summary>The array with the labels when the policy names none.</summary>
    public const string DefaultName = "labels";

    /// <exception cref="CompressionException">CMP7004 when a label is no class of the model, CMP7005 when the numbers of values differ.</exception>
    public static void Check(AccuracyPolicy policy, Tensor output, Tensor target, int samples)
    {
        var sample = SampleOutput.Of(output, samples, 0);
        var classLabels = policy.Metric is MetricKind.Top1 or MetricKind.Top5;
        var expected = classLabels ? sample.Positions : policy.Metric == MetricKind.Iou ? 4 : sample.Values.Length;
        var given = target.Count / samples;
        if (given != expected || (policy.Metric == MetricKind.Iou && sample.Values.Length != 4))
            throw Codes.TargetsDoNotFit(policy.Location, policy.Metric.ToString().ToLowerInvariant(), output.Dims, target.Dims).Error();
        if (!classLabels) return;
        foreach (var label in target.Floats())
            if (!(label >= 0 && label < sample.Classes && float.IsInteger(label))) throw Codes.LabelOutOfRange(policy.Location, label, sample.Classes).Error();
    }
}
