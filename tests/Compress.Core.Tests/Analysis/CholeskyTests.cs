using Compress.Analysis;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class CholeskyTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(40)]
    [DataRow(400)]
    public void Factor_and_solution_are_those_of_Math_NET(int n)
    {
        var random = Matrix<double>.Build.Random(n, n, seed: n);
        var matrix = (random * random.Transpose()) + Matrix<double>.Build.DenseIdentity(n);
        var right = Matrix<double>.Build.Random(n, 3, seed: n + 1);
        var damped = matrix + (0.5 * Matrix<double>.Build.DenseIdentity(n));

        var factor = Cholesky.Of(RowMajor(matrix), n, 0.5);

        Assert.IsNotNull(factor);
        Near(RowMajor(damped.Cholesky().Factor), factor.Lower);
        Near(RowMajor(damped.Cholesky().Solve(right)), factor.Solve(RowMajor(right), 3));
    }

    [TestMethod]
    public void What_is_not_positive_definite_has_no_factor()
    {
        Assert.IsNull(Cholesky.Of([1, 2, 2, 1], 2, 0));
        Assert.IsNull(Cholesky.Of([1, 1, 1, 1], 2, 0));
        Assert.IsNull(Cholesky.Of([double.NaN, 0, 0, 1], 2, 0));
        Assert.IsNotNull(Cholesky.Of([1, 2, 2, 1], 2, 1.5));
    }

    [TestMethod]
    public void Damping_grows_until_there_is_a_factor()
    {
        var (factor, damping) = Cholesky.Damped([1, 2, 2, 1], 2, 3e-3);

        Assert.AreEqual(3, damping, 1e-9);
        CollectionAssert.AreEqual(Cholesky.Of([1, 2, 2, 1], 2, damping)!.Lower, factor.Lower);
        Assert.ThrowsExactly<ArithmeticException>(() => Cholesky.Damped([double.NaN], 1, 1));
    }

    private static double[] RowMajor(Matrix<double> matrix) => matrix.ToRowMajorArray();

    private static void Near(double[] expected, double[] actual)
    {
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-8 * (1 + Math.Abs(expected[i])), $"element {i}");
    }
}
