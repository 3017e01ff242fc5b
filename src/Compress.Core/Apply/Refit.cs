using Compress.Analysis;
namespace Compress.Apply;

/// <summary>Ridge least squares from a layer's compressed input to its float output; the ridge pulls towards the old weights.</summary>
public static class Refit
{
    /// <summary>Ridge strengths, as shares of the mean diagonal of the input covariance.</summary>
    public static readonly double[] Ridges = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1];

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

    /// <summary>
    /// The ridge that is best on rows that were held back, found by going from the middle of the ladder to whichever side is better; without such rows, the
    /// one that trusts the fit least; 0 when there is nothing to fit.
    /// </summary>
    public static double BestRidge(Moments fitted, Moments heldBack, float[] old)
    {
        if (heldBack.Rows == 0) return Ridges[^1];
        var errors = new double?[Ridges.Length];
        double Error(int i) => i < 0 || i >= Ridges.Length ? double.PositiveInfinity : errors[i] ??= HeldBackError(fitted, heldBack, old, Ridges[i]);
        var best = Ridges.Length / 2;
        foreach (var direction in (int[])[-1, 1])
            while (Error(best + direction) < Error(best)) best += direction;
        return double.IsPositiveInfinity(Error(best)) ? 0 : Ridges[best];
    }

    private static double HeldBackError(Moments fitted, Moments heldBack, float[] old, double ridge)
    {
        if (Solve(fitted, old, ridge) is not { } weights) return double.PositiveInfinity;
        double error = 0;
        for (var t = 0; t < fitted.Targets; t++) error += heldBack.Error(weights.AsSpan(t * fitted.Columns, fitted.Columns), t);
        return error;
    }
}
