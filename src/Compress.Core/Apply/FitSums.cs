using Compress.Analysis;
using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// The sums of one group's least squares, on the rows that are fitted and on those that are held back. The inputs are summed once; other targets for them
/// cost a fraction of that.
/// </summary>
internal sealed class FitSums(LayerRows rows, int group, Tensor[] input, long rowsAtMost, GramKernel kernel)
{
    private const int HeldBackOf = 5;

    private (NormalEquations Fitted, NormalEquations HeldBack)? known;

    /// <summary>Every fifth batch is held back for the choice of the ridge; of few batches, the last fifth of each.</summary>
    public (NormalEquations Fitted, NormalEquations HeldBack) To(Tensor[] target)
    {
        var isFirst = known is null;
        var (fitted, heldBack) = known is { } sums ? (sums.Fitted.WithoutTargets(), sums.HeldBack.WithoutTargets()) : (new NormalEquations(rows.Columns, rows.Targets), new NormalEquations(rows.Columns, rows.Targets));
        void Add(NormalEquations into, float[] x, float[] y, int count)
        {
            if (count == 0) return;
            if (isFirst) into.Add(x, y, count, kernel);
            else into.Retarget(x, y, count, kernel);
        }

        long total = 0;
        for (var b = 0; b < input.Length; b++) total += rows.Count(input[b].Dims, target[b].Dims);
        var step = (int)Math.Max(1, total / rowsAtMost);
        for (var b = 0; b < input.Length; b++)
        {
            var count = rows.Count(input[b].Dims, target[b].Dims);
            // Another offset in each batch: no position of the image is left out for good.
            var first = b * 7919 % step;
            var taken = (count - first + step - 1) / step;
            if (taken <= 0) continue;
            var (x, y) = (new float[taken * rows.Columns], new float[taken * rows.Targets]);
            rows.Fill(input[b], target[b], group, first, step, x, y);
            var part = input.Length < HeldBackOf ? taken - (taken / HeldBackOf) : b % HeldBackOf == HeldBackOf - 1 ? 0 : taken;
            Add(fitted, x[..(part * rows.Columns)], y[..(part * rows.Targets)], part);
            Add(heldBack, x[(part * rows.Columns)..], y[(part * rows.Targets)..], taken - part);
        }
        known ??= (fitted, heldBack);
        return (fitted, heldBack);
    }
}
