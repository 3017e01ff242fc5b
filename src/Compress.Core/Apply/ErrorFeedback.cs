using System.Numerics.Tensors;
using Compress.Analysis;
using Compress.Runtime;

namespace Compress.Apply;

/// <summary>
/// Rounding that lets later weights absorb the error of earlier ones: minimises (w − q)ᵀ H (w − q) for every row. Columns are rounded from the one
/// with the largest variance to the smallest, each at the value that is best given the errors so far (GPTQ in its triangular form:
/// with H = LLᵀ the column's optimum is w_j + Σ_{i>j} L_ij (w_i − q_i) / L_jj), then swept by coordinate descent (COMQ), and the scale is refitted.
/// The scale of each row is searched on the true error, not on the weights alone. Never worse than rounding to nearest.
/// </summary>
public sealed class ErrorFeedback
{
    private const int Sweeps = 3;

    /// <summary>The largest code of 7 bits.</summary>
    private const int Fine = 63;

    private static readonly double[] Shrinks = [1.0, 0.92, 0.85, 0.78, 0.71, 0.65, 0.58, 0.52, 0.46, 0.4, 0.35, 0.3];

    private readonly int d, rows, rowsPerScale;
    private readonly int[] order;
    private readonly double[] w;      // [column in order][row]
    private readonly double[] h;      // in order, damped
    private readonly double[] upper;  // Lᵀ: row j holds L_ij for i ≥ j
    private readonly WeightGrid grid;
    private readonly WeightGrid[] own; // of each scale
    private readonly int bits;

    private ErrorFeedback(ReadOnlySpan<double> weights, int rows, int d, int rowsPerScale, int bits, WeightGrid grid, double[] covariance, double damping)
    {
        (this.d, this.rows, this.rowsPerScale, this.bits, this.grid) = (d, rows, rowsPerScale, bits, grid);
        own = [.. Enumerable.Range(0, rows / rowsPerScale).Select(grid.At)];
        order = [.. Enumerable.Range(0, d).OrderBy(i => covariance[(i * d) + i]).ThenBy(i => i)];
        h = new double[d * d];
        w = new double[d * rows];
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < d; j++) h[(i * d) + j] = covariance[(order[i] * d) + order[j]];
            for (var r = 0; r < rows; r++) w[(i * rows) + r] = weights[(r * d) + order[i]];
        }
        var (factor, used) = Cholesky.Damped(h, d, damping);
        for (var i = 0; i < d; i++) h[(i * d) + i] += used;
        var lower = factor.Lower;
        upper = new double[d * d];
        for (var i = 0; i < d; i++)
            for (var j = 0; j <= i; j++)
                upper[(j * d) + i] = lower[(i * d) + j];
    }

    /// <summary>Rounds weights [rows, columns] under the input covariance [columns, columns].</summary>
    public static RoundedWeights Round(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, double[] covariance, double damping, WeightGrid? within = null) =>
        new ErrorFeedback(weights, rows, columns, rowsPerScale, bits, within ?? WeightGrid.Of(bits), covariance, damping).Run();

    private RoundedWeights Run()
    {
        var largest = new double[rows / rowsPerScale];
        for (var i = 0; i < w.Length; i++) largest[i % rows / rowsPerScale] = Math.Max(largest[i % rows / rowsPerScale], Math.Abs(w[i]));

        // At 8 bits the grid is fine enough that clipping never pays for long: a few candidates do.
        var shrinks = own.Min(one => one.High) >= Fine ? Shrinks[..3] : Shrinks;
        var tried = new (double[] Scale, double[] Codes, double[] Error)[shrinks.Length + 1];
        Parallel.For(0, shrinks.Length, Concurrent.Fine, k =>
        {
            tried[k] = Feed([.. largest.Select((value, s) => Math.Max(value / own[s].High * shrinks[k], 1e-8))]);
        });
        // With few, strongly tied inputs the greedy pass may lose to rounding that looks at nothing.
        tried[^1] = Nearest();
        var (codes, scales) = (new double[d * rows], new double[largest.Length]);
        for (var s = 0; s < scales.Length; s++)
        {
            var best = Enumerable.Range(0, tried.Length).MinBy(k => tried[k].Error[s]);
            scales[s] = tried[best].Scale[s];
            for (var i = 0; i < d; i++)
                Array.Copy(tried[best].Codes, (i * rows) + (s * rowsPerScale), codes, (i * rows) + (s * rowsPerScale), rowsPerScale);
        }
        Descend(codes, scales);
        return Collect(codes, scales);
    }

    /// <summary>One pass of error feedback for given scales: codes [column][row] and the error of each scale's rows.</summary>
    private (double[] Scale, double[] Codes, double[] Error) Feed(double[] scale)
    {
        var (codes, residual, error, sum) = (new double[d * rows], new double[d * rows], new double[scale.Length], new double[rows]);
        for (var j = d - 1; j >= 0; j--)
        {
            Array.Clear(sum);
            for (var i = j + 1; i < d; i++) TensorPrimitives.MultiplyAdd(residual.AsSpan(i * rows, rows), upper[(j * d) + i], sum, sum);
            var pivot = upper[(j * d) + j];
            for (var r = 0; r < rows; r++)
            {
                var (s, at) = (scale[r / rowsPerScale], own[r / rowsPerScale]);
                var goal = w[(j * rows) + r] + (sum[r] / pivot);
                var code = at.Round(goal / s);
                codes[(j * rows) + r] = code;
                residual[(j * rows) + r] = w[(j * rows) + r] - (code * s);
                var miss = pivot * (goal - (code * s));
                error[r / rowsPerScale] += miss * miss;
            }
        }
        return (scale, codes, error);
    }

    private (double[] Scale, double[] Codes, double[] Error) Nearest()
    {
        var inRows = new double[rows * d];
        for (var i = 0; i < w.Length; i++) inRows[(i % rows * d) + (i / rows)] = w[i];
        var rounded = NearestRounding.Round(inRows, rows, d, rowsPerScale, bits, grid);
        var scale = Array.ConvertAll(rounded.Scales, value => (double)value);
        var (codes, residual, product, error) = (new double[d * rows], new double[d * rows], new double[d * rows], new double[scale.Length]);
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = rounded.Codes[(i % rows * d) + (i / rows)];
            residual[i] = w[i] - (codes[i] * scale[i % rows / rowsPerScale]);
        }
        Multiply(residual, product);
        for (var i = 0; i < codes.Length; i++) error[i % rows / rowsPerScale] += residual[i] * product[i];
        return (scale, codes, error);
    }

    /// <summary>Coordinate descent on the codes, then the scale at its least-squares value, repeated. The error never grows.</summary>
    private void Descend(double[] codes, double[] scales)
    {
        var (residual, gradient, delta) = (new double[d * rows], new double[d * rows], new double[rows]);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var i = 0; i < residual.Length; i++) residual[i] = w[i] - (codes[i] * scales[i % rows / rowsPerScale]);
            Multiply(residual, gradient);
            var changed = false;
            for (var j = 0; j < d; j++)
            {
                var any = false;
                for (var r = 0; r < rows; r++)
                {
                    var s = scales[r / rowsPerScale];
                    var at = (j * rows) + r;
                    var code = own[r / rowsPerScale].Round(codes[at] + (gradient[at] / h[(j * d) + j] / s));
                    delta[r] = (code - codes[at]) * s;
                    any |= delta[r] != 0;
                    codes[at] = code;
                }
                if (!any) continue;
                changed = true;
                for (var i = 0; i < d; i++) TensorPrimitives.MultiplyAdd(delta, -h[(i * d) + j], gradient.AsSpan(i * rows, rows), gradient.AsSpan(i * rows, rows));
            }
            Rescale(codes, scales);
            if (!changed) break;
        }
    }

    private void Rescale(double[] codes, double[] scales)
    {
        var product = new double[d * rows];
        Multiply(codes, product);
        var (cross, square) = (new double[scales.Length], new double[scales.Length]);
        for (var i = 0; i < codes.Length; i++)
        {
            cross[i % rows / rowsPerScale] += product[i] * w[i];
            square[i % rows / rowsPerScale] += product[i] * codes[i];
        }
        for (var s = 0; s < scales.Length; s++)
            if (square[s] > 0 && cross[s] > 0) scales[s] = cross[s] / square[s];
    }

    /// <summary>H · x for x [column][row].</summary>
    private void Multiply(double[] x, double[] result) => Parallel.For(0, d, Concurrent.Fine, i =>
    {
        var into = result.AsSpan(i * rows, rows);
        into.Clear();
        for (var j = 0; j < d; j++) TensorPrimitives.MultiplyAdd(x.AsSpan(j * rows, rows), h[(i * d) + j], into, into);
    });

    private RoundedWeights Collect(double[] codes, double[] scales)
    {
        var result = new sbyte[rows * d];
        for (var i = 0; i < d; i++)
            for (var r = 0; r < rows; r++)
                result[(r * d) + order[i]] = (sbyte)codes[(i * rows) + r];
        return new RoundedWeights(result, Array.ConvertAll(scales, ChannelScale.Of), rows, d, rowsPerScale, bits) { Grid = grid };
    }
}
