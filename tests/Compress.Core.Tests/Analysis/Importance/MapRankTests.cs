using Compress.Analysis.Importance;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Analysis.Importance;

[TestClass]
public sealed class MapRankTests
{
    [TestMethod]
    public void Ranks_are_those_of_the_singular_values()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var (h, w) = (random.Next(2, 20), random.Next(2, 20));
            var map = Product(random, h, w, rank: random.Next(1, 1 + Math.Min(h, w)));
            if (round % 3 == 0) map = Array.ConvertAll(map, x => Math.Max(0, x)); // as behind a ReLU
            if (round % 5 == 0) Array.Clear(map, 0, w); // an empty row

            Assert.AreEqual(Expected(map, h, w), MapRank.Of(map, h, w), $"round {round}, {h}×{w}");
        }
    }

    [TestMethod]
    public void A_map_of_zeros_has_rank_0_and_a_constant_one_rank_1()
    {
        Assert.AreEqual(0, MapRank.Of(new float[12], 3, 4));
        Assert.AreEqual(1, MapRank.Of([.. Enumerable.Repeat(2.5f, 12)], 3, 4));
    }

    [TestMethod]
    public void Sums_go_over_the_images_of_each_channel()
    {
        float[] identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        float[] flat = [1, 1, 1, 1, 1, 1, 1, 1, 1];

        CollectionAssert.AreEqual(new[] { 4.0, 2.0 }, MapRank.Sums([.. identity, .. flat, .. flat, .. flat], images: 2, channels: 2, h: 3, w: 3));
    }

    /// <summary>A product of the given rank whose small singular values stay far from the threshold.</summary>
    private static float[] Product(Random random, int h, int w, int rank)
    {
        var matrix = Matrix<double>.Build.Dense(h, rank, (_, _) => random.NextDouble() - 0.3) * Matrix<double>.Build.Dense(rank, w, (_, _) => random.NextDouble() - 0.3);
        var map = new float[h * w];
        for (var i = 0; i < h; i++)
            for (var j = 0; j < w; j++) map[(i * w) + j] = (float)Math.Round(matrix[i, j] * 4096) / 4096 * 1.0f;
        return map;
    }

    private static int Expected(float[] map, int h, int w)
    {
        var values = Matrix<double>.Build.Dense(h, w, (i, j) => map[(i * w) + j]).Svd().S;
        return values.Count(value => value > values.Max() * Math.Max(h, w) * 1.1920929e-7);
    }
}
