using Compress.Runtime;

namespace Compress.Analysis.Importance;

/// <summary>
/// Numerical rank of feature maps: singular values above σ_max · max(H, W) · ε of single precision. Counted without computing them: by Sylvester's law of
/// inertia the eigenvalues of the Gram matrix above a threshold t are as many as the positive pivots of Gram − t·I.
/// </summary>
internal static class MapRank
{
    private const double Epsilon = 1.1920929e-7;
    private const int PowerSteps = 60;

    /// <summary>For each channel of [images, channels, h, w], the sum of its maps' ranks.</summary>
    public static double[] Sums(float[] values, int images, int channels, int h, int w)
    {
        var sums = new double[channels];
        Parallel.For(0, channels, Concurrent.Fine, c =>
        {
            for (var n = 0; n < images; n++) sums[c] += Of(values.AsSpan(((n * channels) + c) * h * w, h * w), h, w);
        });
        return sums;
    }

    /// <summary>Rank of one map, row-major.</summary>
    public static int Of(ReadOnlySpan<float> map, int h, int w)
    {
        var n = Math.Min(h, w);
        var gram = Gram(map, h, w);
        var largest = LargestEigenvalue(gram, n);
        if (largest <= 0) return 0;
        var ratio = Math.Max(h, w) * Epsilon;
        return PositivePivots(gram, n, largest * ratio * ratio);
    }

    /// <summary>A Aᵀ or Aᵀ A, whichever is smaller.</summary>
    private static double[] Gram(ReadOnlySpan<float> map, int h, int w)
    {
        var n = Math.Min(h, w);
        var gram = new double[n * n];
        for (var i = 0; i < n; i++)
            for (var j = i; j < n; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < Math.Max(h, w); k++) sum += h <= w ? (double)map[(i * w) + k] * map[(j * w) + k] : (double)map[(k * w) + i] * map[(k * w) + j];
                gram[(i * n) + j] = gram[(j * n) + i] = sum;
            }
        return gram;
    }

    private static double LargestEigenvalue(double[] a, int n)
    {
        var start = Enumerable.Range(0, n).MaxBy(i => a[(i * n) + i]);
        var v = a.AsSpan(start * n, n).ToArray();
        var (value, next) = (0.0, new double[n]);
        for (var step = 0; step < PowerSteps; step++)
        {
            var norm = Math.Sqrt(v.Sum(x => x * x));
            if (norm == 0) return 0;
            for (var i = 0; i < n; i++) v[i] /= norm;
            for (var i = 0; i < n; i++)
            {
                next[i] = 0;
                for (var j = 0; j < n; j++) next[i] += a[(i * n) + j] * v[j];
            }
            (value, v, next) = (norm, next, v);
        }
        return Math.Max(value, a[(start * n) + start]);
    }

    /// <summary>Positive eigenvalues of Gram − shift·I by symmetric elimination with pivots of order 1 and 2 (Bunch and Parlett): a pivot of order 2 has one eigenvalue of either sign.</summary>
    private static int PositivePivots(double[] gram, int n, double shift)
    {
        var a = (double[])gram.Clone();
        for (var i = 0; i < n; i++) a[(i * n) + i] -= shift;
        var positive = 0;
        for (var k = 0; k < n;)
        {
            var (d, p, q) = Largest(a, n, k);
            var single = Math.Abs(a[(d * n) + d]) >= 0.64 * Math.Abs(a[(p * n) + q]); // (1 + √17) / 8
            if (single && a[(d * n) + d] == 0) break;
            if (!single || a[(d * n) + d] > 0) positive++;
            Swap(a, n, k, single ? d : p);
            if (!single) Swap(a, n, k + 1, q == k ? p : q);
            Eliminate(a, n, k, single ? 1 : 2);
            k += single ? 1 : 2;
        }
        return positive;
    }

    /// <summary>Where the largest diagonal and the largest other element lie, from row k on.</summary>
    private static (int Diagonal, int Row, int Column) Largest(double[] a, int n, int k)
    {
        var (d, p, q) = (k, k, Math.Min(k + 1, n - 1));
        for (var i = k; i < n; i++)
        {
            if (Math.Abs(a[(i * n) + i]) > Math.Abs(a[(d * n) + d])) d = i;
            for (var j = i + 1; j < n; j++)
                if (Math.Abs(a[(i * n) + j]) > Math.Abs(a[(p * n) + q])) (p, q) = (i, j);
        }
        return (d, p, q);
    }

    private static void Swap(double[] a, int n, int i, int j)
    {
        if (i == j) return;
        for (var x = 0; x < n; x++) (a[(i * n) + x], a[(j * n) + x]) = (a[(j * n) + x], a[(i * n) + x]);
        for (var x = 0; x < n; x++) (a[(x * n) + i], a[(x * n) + j]) = (a[(x * n) + j], a[(x * n) + i]);
    }

    private static void Eliminate(double[] a, int n, int k, int order)
    {
        var (aa, ab, bb) = (a[(k * n) + k], order == 2 ? a[(k * n) + k + 1] : 0, order == 2 ? a[((k + 1) * n) + k + 1] : 1);
        var determinant = (aa * bb) - (ab * ab);
        for (var i = k + order; i < n; i++)
        {
            var (x, y) = (a[(i * n) + k], order == 2 ? a[(i * n) + k + 1] : 0);
            var (f, g) = (((x * bb) - (y * ab)) / determinant, ((y * aa) - (x * ab)) / determinant);
            for (var j = k + order; j < n; j++) a[(i * n) + j] -= (f * a[(k * n) + j]) + (order == 2 ? g * a[((k + 1) * n) + j] : 0);
        }
    }
}
