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

    /// <summary>What was found out about weights, for a search asks again and again.</summary>
    private static readonly ConditionalWeakTable<Tensor, ConcurrentDictionary<int, bool>> Known = [];

    /// <param name="model">The float model that has the layer: what a plan cuts changes nothing, so that a locked build finds what the search has found.</param>
    public static bool Suits(Layer layer, OnnxGraph model, int bits)
    {
        if (bits is <= QuantizePolicy.Ternary or > WidestBits) return false;
        var weight = model.Constants[layer.Weight];
        return Known.GetOrCreateValue(weight).GetOrAdd(bits, _ => IsNearer(WeightMatrix.Of(layer, weight), bits));
    }

    private static bool IsNearer(WeightMatrix matrix, int bits)
    {
        var exact = Array.ConvertAll(matrix.Values, value => (double)value);
        return Error(WeightGrid.MidRise(bits)) < Error(WeightGrid.Of(bits));

        double Error(WeightGrid grid)
        {
            var rounded = NearestRounding.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits, grid).Dequantized();
            double error = 0;
            for (var i = 0; i < exact.Length; i++) error += (exact[i] - rounded[i]) * (exact[i] - rounded[i]);
            return error;
        }
    }
}
