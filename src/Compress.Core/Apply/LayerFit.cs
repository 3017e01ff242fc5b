using Compress.Analysis;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>
/// Fits one layer from its compressed input to its target: least squares with the ridge that is best on held-back rows, rounding that spreads its error, and a
/// bias that keeps the mean.
/// </summary>
/// <param name="input">The layer's input in the compressed model, a tensor a batch; targets may change from fit to fit.</param>
internal sealed class LayerFit(LayerTask task, WeightMatrix old, float[] oldBias, LayerRows rows, Tensor[] input, GramKernel kernel)
{
    private readonly FitSums[] sums = [.. Enumerable.Range(0, rows.Groups).Select(group => new FitSums(rows, group, input, RowsAtMost(task, rows.Columns), kernel))];

    /// <summary>The ridge of each group, chosen at its first fit.</summary>
    private readonly double?[] ridges = new double?[rows.Groups];

    /// <summary>Rows of least squares for a layer of d columns: convolutions have far more positions than a fit needs, and fine grids and drafts need fewer.</summary>
    private static long RowsAtMost(LayerTask task, int columns) => task.IsFine || task.IsDraft ? Math.Max(6_000, 8L * columns) : Math.Max(60_000, 40L * columns);

    /// <param name="dims">Of the weight tensor.</param>
    /// <param name="target">What the output should be, a tensor a batch.</param>
    /// <param name="round">False: the weights stay in float, whatever the task says.</param>
    public LayerResult Run(long[] dims, Tensor[] target, bool round = true)
    {
        round &= task.Bits < 32;
        var (d, m) = (rows.Columns, rows.Targets);
        var codes = new sbyte[old.Values.Length];
        var scales = new float[old.Scales];
        var values = new float[old.Values.Length];
        var sumsOfBias = new double[oldBias.Length];
        double error = 0, variance = 0;
        for (var g = 0; g < rows.Groups; g++)
        {
            var (fitted, heldBack) = sums[g].To(target);
            var all = new NormalEquations(d, m);
            all.Add(fitted);
            all.Add(heldBack);
            // Without a bias the mean must come out right by itself.
            var centered = task.Layer.TakesBias;
            var moments = all.Moments(centered).FiniteOr(task.Layer.Name);
            var before = old.Values.AsSpan(g * m * d, m * d).ToArray();
            ridges[g] ??= !task.Refit ? 0 : task.IsFine ? Refit.Ridges[^1] : Refit.BestRidge(fitted.Moments(centered), heldBack.Moments(centered), before);
            var refitted = ridges[g] > 0 ? Refit.Solve(moments, before, ridges[g]!.Value) : null;
            double[] used = refitted ?? Array.ConvertAll(before, value => (double)value);
            if (round)
            {
                var rounded = Round(used, moments, Math.Max((refitted is null || task.IsFine ? 1e-2 : ridges[g]!.Value) * moments.MeanDiagonal, moments.Damping));
                rounded.Codes.CopyTo(codes, g * m * d);
                rounded.Scales.CopyTo(scales, g * m / old.RowsPerScale);
                used = Array.ConvertAll(rounded.Dequantized(), value => (double)value);
            }
            for (var t = 0; t < m; t++)
            {
                var w = used.AsSpan(t * d, d);
                var shift = moments.MeanY[t];
                for (var i = 0; i < d; i++) shift -= w[i] * moments.MeanX[i];
                sumsOfBias[((g * m) + t) / old.RowsPerScale] += shift / old.RowsPerScale;
                error += moments.Error(w, t);
                variance += moments.Variance[t];
                for (var i = 0; i < d; i++) values[(((g * m) + t) * d) + i] = (float)w[i];
            }
        }
        var weights = round ? new RoundedWeights(codes, scales, old.Rows, old.Columns, old.RowsPerScale, task.Bits) { Grid = task.Grid } : null;
        return new LayerResult(weights, WeightMatrix.ToTensorLayout(task.Layer, dims, values), Bias(sumsOfBias), variance > 0 ? error / variance : 0);
    }

    private RoundedWeights Round(double[] weights, Moments moments, double damping)
    {
        var (m, d) = (moments.Targets, moments.Columns);
        if (task.Rounding == Rounding.Nearest) return NearestRounding.Round(weights, m, d, old.RowsPerScale, task.Bits, task.Grid);
        if (task.Rounding == Rounding.Max) return NearestRounding.Covering(weights, m, d, old.RowsPerScale, task.Bits, task.Grid);
        if (task.Rounding == Rounding.Nested) return NearestRounding.Nested(weights, m, d, old.RowsPerScale, task.Bits, task.Grid);
        if (task.Rounding != Rounding.AdaRound) return ErrorFeedback.Round(weights, m, d, old.RowsPerScale, task.Bits, moments.Covariance, damping, task.Grid);
        var damped = (double[])moments.Covariance.Clone();
        for (var i = 0; i < d; i++) damped[(i * d) + i] += damping;
        return LearnedRounding.Round(weights, m, d, old.RowsPerScale, task.Bits, task.Grid, damped, kernel);
    }

    /// <summary>
    /// The bias that puts the output's mean in place. The target of a MatMul lies before its bias is added, so there the correction comes on top; without a
    /// bias of its own a MatMul has nowhere to put it.
    /// </summary>
    private float[] Bias(double[] sums) => task.Layer switch
    {
        { Node.Op: not "MatMul" } => Array.ConvertAll(sums, value => (float)value),
        { Bias: not null } => [.. sums.Zip(oldBias, (shift, own) => (float)shift + own)],
        _ => oldBias,
    };
}
