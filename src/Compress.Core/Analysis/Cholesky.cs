using System.Numerics.Tensors;
using Compress.Runtime;

namespace Compress.Analysis;

/// <summary>A = LLᵀ of a symmetric positive definite matrix in double precision, L lower, row-major.</summary>
public sealed class Cholesky
{
    private readonly int n;

    private Cholesky(double[] lower, int n)
    {
        Lower = lower;
        this.n = n;
    }

    /// <summary>L, row-major [n, n]; zero above the diagonal.</summary>
    public double[] Lower { get; }

    /// <summary>Null when the matrix is not positive definite.</summary>
    public static Cholesky? Of(double[] matrix, int n, double damping)
    {
        var l = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            var pivotRow = l.AsSpan(j * n, j);
            var pivot = matrix[(j * n) + j] + damping - TensorPrimitives.SumOfSquares<double>(pivotRow);
            if (pivot <= 0 || !double.IsFinite(pivot)) return null;
            var root = Math.Sqrt(pivot);
            l[(j * n) + j] = root;
            var column = j;
            void Row(int i) => l[(i * n) + column] = (matrix[(i * n) + column] - TensorPrimitives.Dot(l.AsSpan(i * n, column), l.AsSpan(column * n, column))) / root;
            if ((long)(n - j) * j > 60_000) Parallel.For(j + 1, n, Concurrent.Fine, Row);
            else for (var i = j + 1; i < n; i++) Row(i);
        }
        return new Cholesky(l, n);
    }

    /// <summary>
    /// The factor with the least damping, from the one given on, that makes the matrix positive definite: sums in single precision may leave a covariance
    /// slightly indefinite.
    /// </summary>
    /// <exception cref="ArithmeticException">The matrix is not finite.</exception>
    public static (Cholesky Factor, double Damping) Damped(double[] matrix, int n, double damping)
    {
        for (var more = Math.Max(damping, 1e-12); more < 1e30; more *= 10)
            if (Of(matrix, n, more) is { } factor) return (factor, more);
        throw new ArithmeticException("The covariance of a layer's inputs is not finite.");
    }

    /// <summary>X with A X = B for B [n, m], row-major.</summary>
    public double[] Solve(double[] b, int m)
    {
        var x = (double[])b.Clone();
        for (var i = 0; i < n; i++)
        {
            var row = x.AsSpan(i * m, m);
            for (var k = 0; k < i; k++)
                if (Lower[(i * n) + k] is var factor && factor != 0) TensorPrimitives.MultiplyAdd(x.AsSpan(k * m, m), -factor, row, row);
            TensorPrimitives.Divide(row, Lower[(i * n) + i], row);
        }
        for (var i = n - 1; i >= 0; i--)
        {
            var row = x.AsSpan(i * m, m);
            TensorPrimitives.Divide(row, Lower[(i * n) + i], row);
            for (var k = 0; k < i; k++)
                if (Lower[(i * n) + k] is var factor && factor != 0) TensorPrimitives.MultiplyAdd(row, -factor, x.AsSpan(k * m, m), x.AsSpan(k * m, m));
        }
        return x;
    }
}
