using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>
/// Proves from the weights that no 16-bit sum of two products can overflow, whatever the activations: vpmaddubsw, which processors without VNNI use,
/// adds uint8 × int8 pairs with saturation. Which weights meet in a pair depends on the kernel's layout, so any two of a row may.
/// </summary>
public static class OverflowCheck
{
    /// <summary>Layers whose worst case exceeds 16 bits, in ordinal order; empty is the proof.</summary>
    public static IReadOnlyList<string> Find(AppliedPlan applied, CompressionPlan plan)
    {
        var unsafeLayers = new List<string>();
        foreach (var (name, result) in applied.Layers.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (result.Weights is not { } weights || applied.Placement.Integer.Keys.FirstOrDefault(node => LayerNames.Of(node) == name) is not { } node) continue;
            var top = (1 << plan.ActivationBits.GetValueOrDefault(applied.Placement.Grid[node.Inputs[0]], 8)) - 1;
            if (top <= byte.MaxValue && WorstPair(weights) * top > short.MaxValue) unsafeLayers.Add(name);
        }
        return unsafeLayers;
    }

    /// <summary>The largest sum of two weights of one sign in any row, as a magnitude.</summary>
    public static int WorstPair(RoundedWeights weights)
    {
        var worst = 0;
        for (var r = 0; r < weights.Rows; r++)
        {
            var row = weights.Codes.AsSpan(r * weights.Columns, weights.Columns);
            foreach (var sign in (ReadOnlySpan<int>)[1, -1])
            {
                var (first, second) = (0, 0);
                foreach (var code in row)
                {
                    var value = code * sign;
                    if (value > first) (first, second) = (value, first);
                    else if (value > second) second = value;
                }
                worst = Math.Max(worst, first + second);
            }
        }
        return worst;
    }
}
