using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Compress.Analysis;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>
/// Whether weights of 2 or 3 bits lie nearer to a mid-rise grid than to one with a zero: those of most layers do, for the one negative value that an ordinary grid
/// has more than positive ones is of little use to them. Weights many of which are zero do not. (With 4 bits there is next to no difference.)
/// </summary>
public static class MidRise
{
    private const int WidestBits = 3;

    /// <summary>Weights that are looked at, in whole rows spread evenly.</summary>
    private const int WeightsAtMost = 1 << 16;

    /// <summary>What was found out about weights, for a search asks again and again.</summary>
    private static readonly ConditionalWeakTable<Tensor, ConcurrentDictionary<int, bool>> Known = [];

    /// <param name="weight">The layer's weights in the float model.</param>
    public static bool Suits(Layer layer, Tensor weight, int bits) =>
        bits is > QuantizePolicy.Ternary and <= WidestBits && Known.GetOrCreateValue(weight).GetOrAdd(bits, _ => IsNearer(WeightMatrix.Of(layer, weight), bits));

    private static bool IsNearer(WeightMatrix matrix, int bits)
    {
        var block = matrix.RowsPerScale * matrix.Columns;
        var step = Math.Max(1, (int)Math.Ceiling((double)matrix.Values.Length / WeightsAtMost));
        double odd = 0, ordinary = 0;
        for (var s = 0; s < matrix.Scales; s += step)
        {
            var values = Array.ConvertAll(matrix.Values.AsSpan(s * block, block).ToArray(), value => (double)value);
            odd += Error(values, bits, WeightGrid.MidRise(bits));
            ordinary += Error(values, bits, WeightGrid.Of(bits));
        }
        return odd < ordinary;
    }

    private static double Error(double[] values, int bits, WeightGrid grid)
    {
        var rounded = NearestRounding.Round(values, 1, values.Length, 1, bits, grid).Dequantized();
        double error = 0;
        for (var i = 0; i < values.Length; i++) error += (values[i] - rounded[i]) * (values[i] - rounded[i]);
        return error;
    }
}
