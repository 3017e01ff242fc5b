using MathNet.Numerics.LinearAlgebra;

namespace Compress.Analysis;

/// <summary>
/// Principal components of what a layer gives, over the calibration samples: the few directions in which its outputs vary (Zhang et al. 2015, "Accelerating very deep
/// convolutional networks"). Each output counts by how much the model's outputs feel it.
/// </summary>
internal sealed class OutputComponents
{
    /// <summary>The decomposition takes time with the cube of the outputs.</summary>
    public const int MostOutputs = 1024;

    /// <summary>Of the mean: outputs that nobody feels on these samples count as much, so that no number is divided by next to nothing.</summary>
    private const double LeastWeight = 0.05;

    /// <summary>
    /// Exponent by which a component's variance goes from its place between the two factors into the second: halfway, neither the weights of the second nor the
    /// values between them have channels of very different sizes.
    /// </summary>
    private const double Balance = 0.25;

    private readonly WeightMatrix matrix;
    private readonly double[] mean, weights, variances;
    private readonly Matrix<double> vectors;

    /// <param name="matrix">The layer's weights.</param>
    /// <param name="bias">What the node itself adds to the products.</param>
    /// <param name="felt">For each output, the mean square of the loss's derivative by it; null: all alike.</param>
    public OutputComponents(WeightMatrix matrix, float[]? bias, Moments moments, double[]? felt)
    {
        this.matrix = matrix;
        mean = [.. moments.MeanY.Select((value, i) => value - (bias?[i] ?? 0))];
        weights = Weights(felt ?? [.. mean.Select(_ => 1.0)]);
        var covariance = Of(matrix) * Matrix<double>.Build.Dense(moments.Columns, moments.Targets, (c, t) => moments.Cross[(c * moments.Targets) + t]);
        var weighed = Matrix<double>.Build.Dense(matrix.Rows, matrix.Rows, (i, j) => weights[i] * weights[j] * (covariance[i, j] + covariance[j, i]) / 2);
        var decomposition = weighed.Evd(Symmetricity.Symmetric);
        // In ascending order as they come.
        variances = [.. decomposition.EigenValues.Select(value => Math.Max(0, value.Real)).Reverse()];
        vectors = Matrix<double>.Build.DenseOfColumnVectors(Enumerable.Range(1, matrix.Rows).Select(i => decomposition.EigenVectors.Column(matrix.Rows - i)));
    }

    /// <summary>The rank at which two factors have as many weights as the layer.</summary>
    public double Whole => (double)matrix.Rows * matrix.Columns / (matrix.Rows + matrix.Columns);

    /// <summary>The largest rank that there are factors of; 0 where the outputs do not vary.</summary>
    public int Most => Rank(0) > 0 ? matrix.Rows : 0;

    /// <summary>How many components it takes to lack no more than this share of the variance; 0 where there is none.</summary>
    public int Rank(double lost)
    {
        var (total, kept, rank) = (variances.Sum(), 0.0, 0);
        while (rank < variances.Length && kept < (1 - lost) * total) kept += variances[rank++];
        return rank;
    }

    /// <summary>W ≈ Up · Down, [outputs, rank] and [rank, inputs], row-major, and what to add to the bias for the mean output to stay.</summary>
    public (float[] Down, float[] Up, double[] Shift) Factors(int rank)
    {
        var kept = vectors.SubMatrix(0, matrix.Rows, 0, rank);
        var sizes = Array.ConvertAll(variances[..rank], variance => Math.Pow(Math.Max(variance, 1e-12 * Math.Max(variances[0], 1e-300)), Balance));
        var (inner, outer) = (kept.Clone(), kept);
        for (var i = 0; i < matrix.Rows; i++)
            for (var r = 0; r < rank; r++) (inner[i, r], outer[i, r]) = (kept[i, r] * weights[i] / sizes[r], kept[i, r] / weights[i] * sizes[r]);
        var down = inner.TransposeThisAndMultiply(Of(matrix));
        var center = Vector<double>.Build.DenseOfArray(mean);
        return (Values(down), Values(outer), [.. center - (outer * inner.TransposeThisAndMultiply(center))]);
    }

    private static double[] Weights(double[] felt)
    {
        var roots = Array.ConvertAll(felt, square => Math.Sqrt(Math.Max(0, square)));
        var mean = roots.Average();
        return mean > 0 ? Array.ConvertAll(roots, root => Math.Max(root / mean, LeastWeight)) : [.. roots.Select(_ => 1.0)];
    }

    private static Matrix<double> Of(WeightMatrix matrix) => Matrix<double>.Build.Dense(matrix.Rows, matrix.Columns, (r, c) => matrix.Values[(r * matrix.Columns) + c]);

    private static float[] Values(Matrix<double> matrix) => Array.ConvertAll(matrix.ToRowMajorArray(), value => (float)value);
}
