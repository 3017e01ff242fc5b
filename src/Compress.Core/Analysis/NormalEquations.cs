using System.Numerics.Tensors;
using Compress.Diagnostics;

namespace Compress.Analysis;

/// <summary>
/// Sums for least squares from inputs x (columns) to targets y: H = Σ x xᵀ, G = Σ x yᵀ. Inputs are taken from the mean of the first block on, so that a
/// mean that is large beside the variance costs no digits. Blocks are multiplied in single precision and added in double; memory is bounded by the
/// layer, not by the data.
/// </summary>
public sealed class NormalEquations(int columns, int targets)
{
    private double[] h = new double[columns * columns];
    private readonly double[] g = new double[columns * targets];
    private double[] sumX = new double[columns];
    private readonly double[] sumY = new double[targets];
    private readonly double[] sumYY = new double[targets];
    private float[] origin = new float[columns]; // h, g and sumX count from here

    public int Columns => columns;

    public int Targets => targets;

    public long Rows { get; private set; }

    /// <summary>Adds a block: x [rows, columns], y [rows, targets], row-major.</summary>
    internal void Add(float[] x, float[] y, int rows, GramKernel product)
    {
        if (Rows == 0) StartAtMean(x, rows);
        var moved = Moved(x, rows);
        for (var row = 0; row < rows; row++)
            for (var c = 0; c < columns; c++) sumX[c] += moved[(row * columns) + c];
        AddTo(h, product.TransposedTimes(moved, moved, rows, columns, columns));
        AddTargets(moved, y, rows, product);
        Rows += rows;
    }

    /// <summary>The sums of the same inputs with no targets yet; <see cref="Retarget"/> brings them, block by block as before.</summary>
    internal NormalEquations WithoutTargets() => new(columns, targets) { h = h, sumX = sumX, origin = origin, Rows = Rows };

    /// <summary>Other targets y [rows, targets] of a block x that was added: what inputs have among themselves stays.</summary>
    internal void Retarget(float[] x, float[] y, int rows, GramKernel product) => AddTargets(Moved(x, rows), y, rows, product);

    private void AddTargets(float[] moved, float[] y, int rows, GramKernel product)
    {
        for (var row = 0; row < rows; row++)
            for (var t = 0; t < targets; t++)
            {
                double value = y[(row * targets) + t];
                sumY[t] += value;
                sumYY[t] += value * value;
            }
        AddTo(g, product.TransposedTimes(moved, y, rows, columns, targets));
    }

    private float[] Moved(float[] x, int rows)
    {
        var moved = new float[x.Length];
        for (var row = 0; row < rows; row++) TensorPrimitives.Subtract(x.AsSpan(row * columns, columns), origin, moved.AsSpan(row * columns, columns));
        return moved;
    }

    public void Add(NormalEquations other)
    {
        if (other.Rows == 0) return;
        if (Rows == 0) other.origin.CopyTo(origin, 0);
        for (var i = 0; i < columns; i++)
        {
            // Seen from this origin, the other's inputs all lie further by the same step.
            var step = (double)other.origin[i] - origin[i];
            for (var j = 0; j < columns; j++)
            {
                var across = (double)other.origin[j] - origin[j];
                h[(i * columns) + j] += other.h[(i * columns) + j] + (step * other.sumX[j]) + (across * other.sumX[i]) + (other.Rows * step * across);
            }
            for (var t = 0; t < targets; t++) g[(i * targets) + t] += other.g[(i * targets) + t] + (step * other.sumY[t]);
        }
        for (var i = 0; i < columns; i++) sumX[i] += other.sumX[i] + (other.Rows * ((double)other.origin[i] - origin[i]));
        TensorPrimitives.Add(sumY, other.sumY, sumY);
        TensorPrimitives.Add(sumYY, other.sumYY, sumYY);
        Rows += other.Rows;
    }

    /// <summary>Moments per row of data: covariance of x [columns, columns], of x with y [columns, targets], variance of y [targets].</summary>
    /// <param name="centered">False: about zero, for layers that have no bias to take up a difference of the means.</param>
    public Moments Moments(bool centered = true)
    {
        var n = Math.Max(1, Rows);
        var (offset, meanY) = (Array.ConvertAll(sumX, sum => sum / n), Array.ConvertAll(sumY, sum => sum / n));
        double[] meanX = [.. offset.Select((value, c) => value + origin[c])];
        var (covariance, cross, variance) = (new double[h.Length], new double[g.Length], new double[targets]);
        for (var i = 0; i < columns; i++)
        {
            for (var j = 0; j < columns; j++) covariance[(i * columns) + j] = (h[(i * columns) + j] / n) - (offset[i] * offset[j]) + (centered ? 0 : meanX[i] * meanX[j]);
            for (var t = 0; t < targets; t++) cross[(i * targets) + t] = (g[(i * targets) + t] / n) - (offset[i] * meanY[t]) + (centered ? 0 : meanX[i] * meanY[t]);
        }
        for (var t = 0; t < targets; t++) variance[t] = Math.Max(0, (sumYY[t] / n) - (centered ? meanY[t] * meanY[t] : 0));
        return centered
            ? new Moments(columns, targets, covariance, cross, variance, meanX, meanY, Rows)
            : new Moments(columns, targets, covariance, cross, variance, new double[columns], new double[targets], Rows);
    }

    private void StartAtMean(float[] x, int rows)
    {
        var mean = new double[columns];
        for (var row = 0; row < rows; row++)
            for (var c = 0; c < columns; c++) mean[c] += x[(row * columns) + c];
        for (var c = 0; c < columns; c++) origin[c] = (float)(mean[c] / rows);
    }

    private static void AddTo(double[] sum, float[] block)
    {
        for (var i = 0; i < sum.Length; i++) sum[i] += block[i];
    }
}

/// <summary>Second moments, centred or about zero, of a layer's inputs and targets; all that rounding and refitting need to know of the data.</summary>
public sealed record Moments(int Columns, int Targets, double[] Covariance, double[] Cross, double[] Variance, double[] MeanX, double[] MeanY, long Rows)
{
    /// <summary>Mean squared error of weights w (one row, [Columns]) for target t, with the bias at its best: wHw − 2wG + var(y).</summary>
    public double Error(ReadOnlySpan<double> w, int t)
    {
        double quadratic = 0, linear = 0;
        for (var i = 0; i < Columns; i++)
        {
            if (w[i] == 0) continue;
            quadratic += w[i] * TensorPrimitives.Dot(Covariance.AsSpan(i * Columns, Columns), w);
            linear += w[i] * Cross[(i * Targets) + t];
        }
        return Math.Max(0, quadratic - (2 * linear) + Variance[t]);
    }

    /// <summary>The same moments, where every one of them is a number.</summary>
    /// <exception cref="CompressionException">CMP4001, which names the layer.</exception>
    public Moments FiniteOr(string layer) =>
        double.IsFinite(TensorPrimitives.Sum<double>(Covariance)) && double.IsFinite(TensorPrimitives.Sum<double>(Variance)) ? this : throw Codes.LayerNotFinite(layer).Error();

    public double MeanDiagonal
    {
        get
        {
            double sum = 0;
            for (var i = 0; i < Columns; i++) sum += Covariance[(i * Columns) + i];
            return sum / Columns;
        }
    }

    /// <summary>
    /// What to add to the diagonal before errors are spread by it. Few rows for many columns leave directions that the samples never showed: errors
    /// must not hide there, so the damping grows with columns for each row.
    /// </summary>
    public double Damping => Math.Max(Math.Max(0.01, 0.1 * Columns / Math.Max(1, Rows)) * MeanDiagonal, 1e-12);

    /// <summary>Only the columns named.</summary>
    public Moments Keep(int[] columns)
    {
        var (covariance, cross, mean) = (new double[columns.Length * columns.Length], new double[columns.Length * Targets], new double[columns.Length]);
        for (var i = 0; i < columns.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++) covariance[(i * columns.Length) + j] = Covariance[(columns[i] * Columns) + columns[j]];
            Array.Copy(Cross, columns[i] * Targets, cross, i * Targets, Targets);
            mean[i] = MeanX[columns[i]];
        }
        return new Moments(columns.Length, Targets, covariance, cross, Variance, mean, MeanY, Rows);
    }
}
