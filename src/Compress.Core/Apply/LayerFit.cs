using Compress.Analysis;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>
/// Fits one layer from its compressed input to its target: least squares with the ridge that is best on held-back rows, rounding that spreads its error, and a
/// bias that keeps the mean.
/// </summary>
internal sealed class LayerFit(LayerTask task, WeightMatrix old, float[] oldBias, LayerRows rows, GramKernel kernel)
{
    /// <summary>Rows of least squares for a layer of d columns: convolutions have far more positions than a fit needs, and fine grids need fewer than coarse ones.</summary>
    private static long RowsAtMost(int bits, int columns) => bits is 7 or 8 ? Math.Max(12_000, 15L * columns) : Math.Max(60_000, 40L * columns);

    private const int HeldBackOf = 5;

    /// <param name="dims">Of the weight tensor.</param>
    /// <param name="input">The layer's input in the compressed model, a tensor a batch.</param>
    /// <param name="target">What its output should be.</param>
    public LayerResult Run(long[] dims, Tensor[] input, Tensor[] target)
    {
        var (d, m) = (rows.Columns, rows.Targets);
        var codes = new sbyte[old.Values.Length];
        var scales = new float[old.Scales];
        var values = new float[old.Values.Length];
        var sumsOfBias = new double[oldBias.Length];
        double error = 0, variance = 0;
        for (var g = 0; g < rows.Groups; g++)
        {
            var (fitted, heldBack) = Accumulate(g, input, target);
            var all = new NormalEquations(d, m);
            all.Add(fitted);
            all.Add(heldBack);
            // Without a bias the mean must come out right by itself.
            var centered = task.Layer.TakesBias;
            var moments = all.Moments(centered).FiniteOr(task.Layer.Name);
            var before = old.Values.AsSpan(g * m * d, m * d).ToArray();
            var fit = task.Refit && Refit.Best(fitted.Moments(centered), heldBack.Moments(centered), moments, before, task.Bits is 7 or 8 ? Refit.FewRidges : Refit.Ridges) is { } best ? best : (Array.ConvertAll(before, value => (double)value), 1e-2);
            var damping = Math.Max(fit.Item2 * moments.MeanDiagonal, moments.Damping);
            double[] used = fit.Item1;
            if (task.Bits < 32)
            {
                var rounded = Round(fit.Item1, moments, damping);
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
        var weights = task.Bits < 32 ? new RoundedWeights(codes, scales, old.Rows, old.Columns, old.RowsPerScale, task.Bits) : null;
        return new LayerResult(weights, WeightMatrix.ToTensorLayout(task.Layer, dims, values), Bias(sumsOfBias), variance > 0 ? error / variance : 0);
    }

    private RoundedWeights Round(double[] weights, Moments moments, double damping)
    {
        var (m, d) = (moments.Targets, moments.Columns);
        if (task.Rounding == Rounding.Nearest) return NearestRounding.Round(weights, m, d, old.RowsPerScale, task.Bits, task.Grid);
        if (task.Rounding == Rounding.Max) return NearestRounding.Covering(weights, m, d, old.RowsPerScale, task.Bits, task.Grid);
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

    /// <summary>Every fifth batch is held back for the choice of the ridge; of few batches, the last fifth of each.</summary>
    private (NormalEquations Fitted, NormalEquations HeldBack) Accumulate(int group, Tensor[] input, Tensor[] target)
    {
        var (fitted, heldBack) = (new NormalEquations(rows.Columns, rows.Targets), new NormalEquations(rows.Columns, rows.Targets));
        long total = 0;
        for (var b = 0; b < input.Length; b++) total += rows.Count(input[b].Dims, target[b].Dims);
        var step = (int)Math.Max(1, total / RowsAtMost(task.Bits, rows.Columns));
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
            if (part > 0) fitted.Add(x[..(part * rows.Columns)], y[..(part * rows.Targets)], part, kernel);
            if (part < taken) heldBack.Add(x[(part * rows.Columns)..], y[(part * rows.Targets)..], taken - part, kernel);
        }
        return (fitted, heldBack);
    }
}
