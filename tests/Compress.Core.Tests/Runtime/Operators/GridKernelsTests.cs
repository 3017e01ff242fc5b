using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>A grid and the ways back from it, against the formulas in double precision: numbers that fill vectors and numbers that do not.</summary>
[TestClass]
public sealed unsafe class GridKernelsTests
{
    private const float Step = 0.13f;

    private static readonly Grid Grid = new(Step, -3, 4, -0.3f, float.PositiveInfinity);

    [TestMethod]
    [DataRow(1)]
    [DataRow(31)]
    [DataRow(64)]
    [DataRow(9000)]
    public void Each_number_is_what_the_formula_says(int count)
    {
        var (x, g) = (new ModelBuilder(3).Random(0.5, count).Floats(), new ModelBuilder(4).Random(1, count).Floats());
        var (y, places, again) = ((float[])x.Clone(), new ushort[count], new float[count]);

        GridKernels.Quantize(y, Grid, y, places);
        fixed (ushort* from = places)
        fixed (float* to = again) GridKernels.Read<Lanes16>(from, count, Grid, to);
        float[] passed = (float[])g.Clone(), ofFunction = new float[count];
        var step = GridKernels.Gradient(places, Grid, passed, passed);
        GridKernels.FunctionGradient(places, Grid, g, ofFunction);

        CollectionAssert.AreEqual(y, again);
        double expected = 0, size = 0;
        for (var i = 0; i < count; i++)
        {
            double clipped = Math.Max(Grid.From, x[i]), rounded = Math.Round(clipped / Step), code = Math.Clamp(rounded, Grid.Low, Grid.High);
            Assert.AreEqual(code * Step, y[i], 1e-6);
            if (IsAtAnEnd(x[i])) continue;
            Assert.AreEqual(code == rounded && x[i] > Grid.From ? g[i] : 0, passed[i]);
            Assert.AreEqual(x[i] > Grid.From ? g[i] : 0, ofFunction[i]);
            var term = g[i] * ((code * Step) - (code == rounded ? clipped : 0)) / Step;
            (expected, size) = (expected + term, size + (1e-4 * Math.Abs(term)) + (Math.Abs(g[i]) / 16_000)); // a place tells where a number lies to half of its last digit
        }
        Assert.AreEqual(expected, step, size);
    }

    /// <summary>A place has thirteen digits for what lies between the borders of eight codes; where the ends are they do not tell what lies on which side.</summary>
    private static bool IsAtAnEnd(float x) => Math.Abs(x - Grid.From) < Step / 8000 || Math.Abs(x - ((Grid.High + 0.5f) * Step)) < Step / 8000;

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(-128, 127)]
    [DataRow(0, 255)]
    public void No_place_belongs_to_another_code(int low, int high)
    {
        // Each code, and what lies right before and behind its borders.
        var grid = new Grid(1, low, high, float.NegativeInfinity, float.PositiveInfinity);
        float[] x = [.. Enumerable.Range(low, high - low + 1).SelectMany(code => new[] { code, MathF.BitIncrement(code - 0.5f), MathF.BitDecrement(code + 0.5f), code + 0.5f })];
        var (y, places, again) = (new float[x.Length], new ushort[x.Length], new float[x.Length]);

        GridKernels.Quantize(x, grid, y, places);
        fixed (ushort* from = places)
        fixed (float* to = again) GridKernels.Read<Lanes8>(from, x.Length, grid, to);

        CollectionAssert.AreEqual(x.Select(value => Math.Clamp(MathF.Round(value), low, high)).ToArray(), y);
        CollectionAssert.AreEqual(y, again);
    }

    [TestMethod]
    [DataRow(-7, 8, -0.5f, 0.9f)]
    [DataRow(-32, 31, -1f, 1f)]
    [DataRow(0, 255, -0.3f, 6f)]
    [DataRow(0, 15, 0f, 6f)]
    [DataRow(-15, 0, -6f, -1f, DisplayName = "it stops values beyond all codes, or before them")]
    [DataRow(0, 15, 2f, 3f, DisplayName = "the same at the other side")]
    public void What_a_function_stops_has_no_gradient_with_any_step(int low, int high, float from, float to)
    {
        for (var i = 1; i <= 300; i++)
        {
            var grid = new Grid(i * 0.0137f, low, high, from, to);
            float[] x = [from, to, from - 1, to + 1, from - 100, to + 100, 0], y = new float[x.Length], again = new float[x.Length], passed = new float[x.Length];
            var places = new ushort[x.Length];

            GridKernels.Quantize(x, grid, y, places);
            fixed (ushort* kept = places)
            fixed (float* values = again) GridKernels.Read<Lanes8>(kept, x.Length, grid, values);
            GridKernels.Gradient(places, grid, [1, 1, 1, 1, 1, 1, 0], passed);

            CollectionAssert.AreEqual(new float[x.Length], passed, $"{grid}");
            CollectionAssert.AreEqual(y, again, $"{grid}");
            for (var k = 0; k < x.Length; k++) Assert.AreEqual(Math.Clamp(MathF.Round(Math.Clamp(x[k], from, to) / grid.Step), low, high) * grid.Step, y[k], $"{grid} {x[k]}");
        }
    }

    [TestMethod]
    public void What_is_no_number_stays_so()
    {
        var y = new float[20];
        GridKernels.Quantize([.. Enumerable.Repeat(float.NaN, y.Length)], new Grid(Step, 0, 15, 0, 6), y, []);

        Assert.IsTrue(Array.TrueForAll(y, float.IsNaN));
    }
}
