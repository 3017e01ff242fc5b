namespace Compress.Analysis.Importance;

/// <summary>
/// Taylor criterion (Molchanov et al.): how much the loss changes without the channel, to first order: the mean of |Σ activation × gradient|, the label of
/// the loss drawn from the model's own prediction. Where no gradient can be taken it is measured: the mean absolute change of the outputs when the channel
/// is masked, relative to the outputs' mean magnitude.
/// </summary>
public sealed class Taylor : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, GateScores.Of(group, evidence, Math.Abs) ?? [[.. Enumerable.Range(0, group.Channels).Select(channel => Error(evidence.Masked(group, channel)))]]);

    /// <summary>Σ |after − before| / Σ |before|.</summary>
    public static double Error(OutputChange change)
    {
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < change.Before.Length; i++)
        {
            error += Math.Abs((double)change.After[i] - change.Before[i]);
            size += Math.Abs(change.Before[i]);
        }
        return size > 0 ? error / size : error;
    }
}

/// <summary>
/// Fisher criterion (Theis et al.): the second-order change of the loss without the channel, ½ E (Σ activation × gradient)² over labels drawn from the model's
/// own prediction. Where no gradient can be taken it is measured by masking the channel: for class scores z with p = softmax(z) ½ Δzᵀ (diag p − p pᵀ) Δz, the
/// Fisher metric of the predicted classes; for other outputs the mean squared change.
/// </summary>
public sealed class Fisher : IChannelImportance
{
    public double[] Score(ChannelGroup group, ChannelEvidence evidence) =>
        LayerScores.Combine(group.Channels, GateScores.Of(group, evidence, s => s * s / 2) ?? [[.. Enumerable.Range(0, group.Channels).Select(channel => Error(evidence.Masked(group, channel)))]]);

    /// <summary>Mean over samples.</summary>
    public static double Error(OutputChange change)
    {
        var total = 0.0;
        for (var sample = 0; sample < change.Samples; sample++)
        {
            var before = change.Before.AsSpan(sample * change.Width, change.Width);
            var after = change.After.AsSpan(sample * change.Width, change.Width);
            total += change.AreScores ? Metric(before, after) : Square(before, after);
        }
        return total / Math.Max(1, change.Samples);
    }

    private static double Metric(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        var top = double.NegativeInfinity;
        foreach (var z in before) top = Math.Max(top, z);
        var (sum, mean, square) = (0.0, 0.0, 0.0);
        for (var i = 0; i < before.Length; i++)
        {
            var (p, delta) = (Math.Exp(before[i] - top), (double)after[i] - before[i]);
            sum += p;
            mean += p * delta;
            square += p * delta * delta;
        }
        mean /= sum;
        return Math.Max(0, 0.5 * ((square / sum) - (mean * mean)));
    }

    private static double Square(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        var sum = 0.0;
        for (var i = 0; i < before.Length; i++) sum += ((double)after[i] - before[i]) * ((double)after[i] - before[i]);
        return sum / before.Length;
    }
}

/// <summary>Scores from gates: a channel is read at one place or at several, and each has a score of its own.</summary>
internal static class GateScores
{
    public static IReadOnlyCollection<double[]>? Of(ChannelGroup group, ChannelEvidence evidence, Func<double, double> of)
    {
        var gates = LayerScores.Sites(group).Select(evidence.Gates).ToList();
        return gates.Count == 0 || gates.Contains(null) ? null : [.. gates.Select(gate => gate!.Mean(of))];
    }
}
