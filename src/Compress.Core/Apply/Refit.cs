using Compress.Analysis;
namespace Compress.Apply;

/// <summary>Ridge least squares from a layer's compressed input to its float output; the ridge pulls towards the old weights.</summary>
public static class Refit
{
    /// <summary>Ridge strengths, as shares of the mean diagonal of the input covariance.</summary>
    public static readonly double[] Ridges = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1];

    /// <summary>Fewer of them for fine grids, which leave little to gain.</summary>
    public static readonly double[] FewRidges = [1e-3, 1e-2, 0.1];

    /// <summary>The least-squares weights [targets, columns] for one ridge; null when the inputs carry nothing to fit.</summary>
    public static double[]? Solve(Moments moments, ReadOnlySpan<float> old, double ridge)
    {
        var (d, m) = (moments.Columns, moments.Targets);
        var strength = ridge * moments.MeanDiagonal;
        if (strength <= 0 || Cholesky.Of(moments.Covariance, d, strength) is not { } factor) return null;
        var right = new double[d * m];
        for (var i = 0; i < d; i++)
            for (var t = 0; t < m; t++)
                right[(i * m) + t] = moments.Cross[(i * m) + t] + (strength * old[(t * d) + i]);
        var solution = factor.Solve(right, m);
        var weights = new double[d * m];
        for (var t = 0; t < m; t++)
            for (var i = 0; i < d; i++)
                weights[(t * d) + i] = solution[(i * m) + t];
        return weights;
    }

    /// <summary>The ridge that is best on rows that were held back, and the weights fitted with it on all rows. Without such rows, the one that trusts the fit least.</summary>
    public static (double[] Weights, double Ridge)? Best(Moments fitted, Moments heldBack, Moments all, float[] old, IReadOnlyList<double> ridges)
    {
        var best = (Ridge: double.NaN, Error: double.PositiveInfinity);
        foreach (var ridge in heldBack.Rows > 0 ? Ridges : Ridges[^1..])
        {
            if (Solve(fitted, old, ridge) is not { } weights) continue;
            double error = 0;
            for (var t = 0; t < fitted.Targets; t++) error += heldBack.Error(weights.AsSpan(t * fitted.Columns, fitted.Columns), t);
            if (error < best.Error) best = (ridge, error);
        }
        return !double.IsNaN(best.Ridge) && Solve(all, old, best.Ridge) is { } final ? (final, best.Ridge) : null;
    }
}
