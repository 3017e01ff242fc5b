namespace Compress.Analysis.Importance;

/// <summary>
/// The threshold rule of Zhang et al.: with C scores and sparsity s, the scores below the (⌊s·C − 1⌋ + 2)-th smallest go, the index clamped so that at least
/// one does. Equal scores at the threshold stay.
/// </summary>
public static class LowestShare
{
    /// <summary>The channels that stay, ascending; all of them for a sparsity of 0, and never none.</summary>
    public static int[] Kept(IReadOnlyList<double> scores, double sparsity)
    {
        if (sparsity <= 0 || scores.Count < 2) return [.. Enumerable.Range(0, scores.Count)];
        var sorted = scores.Order().ToArray();
        var index = Math.Max((int)Math.Floor((sparsity * scores.Count) - 1), 0) + 1;
        var threshold = sorted[Math.Min(index, sorted.Length - 1)];
        return [.. Enumerable.Range(0, scores.Count).Where(channel => scores[channel] >= threshold)];
    }
}
