using Compress.Core.Tests.Search.Solvers;
using Compress.Apply;
using Compress.Search.Solvers;

namespace Compress.Core.Tests.Apply;

/// <summary>Grids of several widths in one range against the codebooks of quantization-aware pruning.</summary>
[TestClass]
public sealed class NestedRoundingTests
{
    private const int Columns = 40, Most = 7;

    [TestMethod]
    public void Channels_of_few_bits_take_points_of_the_finest_grid()
    {
        int[] widths = [7, 2, 5, 3, 6, 4];
        var random = new Random(3);
        double[] weights = [.. Enumerable.Range(0, widths.Length * Columns).Select(i => (random.NextDouble() - 0.4) * (1 + (i / Columns)))];
        var mean = weights.Average();
        var step = NestedCodebook.Step(Math.Sqrt(weights.Average(w => Math.Pow(w - mean, 2))), Most);

        var rounded = NearestRounding.Nested(weights, widths.Length, Columns, 1, Most, WeightGrid.Of(Most) with { Each = [.. widths.Select(WeightGrid.Of)] });

        for (var i = 0; i < weights.Length; i++)
        {
            var bits = widths[i / Columns];
            Assert.AreEqual(NestedCodebook.Nearest(weights[i] / step, bits, Most) * step, rounded.Dequantized()[i], 1e-5, $"weight {i} of {bits} bits");
        }
    }
}
