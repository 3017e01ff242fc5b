using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>A grid and its gradient, against the formulas in double precision: numbers that fill vectors and numbers that do not.</summary>
[TestClass]
public sealed class GridKernelsTests
{
    private const float Step = 0.13f;

    [TestMethod]
    [DataRow(1)]
    [DataRow(31)]
    [DataRow(64)]
    [DataRow(9000)]
    public void Each_number_is_what_the_formula_says(int count)
    {
        float[] bounds = [-3, 4, -0.3f, float.PositiveInfinity];
        var (x, g) = (new ModelBuilder(3).Random(0.5, count).Floats(), new ModelBuilder(4).Random(1, count).Floats());
        var (y, passed) = (new float[count], (float[])g.Clone());

        GridKernels.Quantize(x, Step, bounds, y);
        var step = GridKernels.Gradient(x, Step, bounds, passed, passed);

        double expected = 0, size = 0;
        for (var i = 0; i < count; i++)
        {
            double clipped = Math.Max(bounds[2], x[i]), rounded = Math.Round(clipped / Step), code = Math.Clamp(rounded, bounds[0], bounds[1]);
            Assert.AreEqual(code * Step, y[i], 1e-6);
            Assert.AreEqual(code == rounded && x[i] > bounds[2] ? g[i] : 0, passed[i]);
            var term = g[i] * ((code * Step) - (code == rounded ? clipped : 0)) / Step;
            (expected, size) = (expected + term, size + Math.Abs(term));
        }
        Assert.AreEqual(expected, step, 1e-4 * size);
    }

    [TestMethod]
    public void What_is_no_number_stays_so()
    {
        var y = new float[20];
        GridKernels.Quantize([.. Enumerable.Repeat(float.NaN, y.Length)], Step, [0, 15, 0, 6], y);

        Assert.IsTrue(Array.TrueForAll(y, float.IsNaN));
    }
}
