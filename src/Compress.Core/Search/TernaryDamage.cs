using Compress.Analysis;
using Compress.Apply;
using Compress.Policy;

namespace Compress.Search;

/// <summary>
/// What ternary weights of one layer cost where that was not measured: the measured damage of 2 bits, times how much larger the squared error of the layer's
/// output is. Both roundings are fitted to the layer's inputs.
/// </summary>
internal static class TernaryDamage
{
    private const int MeasuredBits = 2;

    public static double Of(SearchContext context, Sensitivity sensitivity, Layer layer) => context.Memory.Ternary(layer.Name, () =>
    {
        var matrix = WeightMatrix.Of(layer, context.Facts.Model.Graph.Constants[layer.Weight]);
        var exact = Array.ConvertAll(matrix.Values, value => (double)value);
        var moments = sensitivity.Moments.GetValueOrDefault(layer.Name) is { MeanDiagonal: > 0 } known ? known : null;
        var damage = sensitivity.Weights[layer.Name][MeasuredBits];
        return damage * Error(QuantizePolicy.Ternary) / Math.Max(Error(MeasuredBits), 1e-30);

        double Error(int bits)
        {
            if (moments is null) return NearestRounding.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits).Dequantized().Zip(exact, (q, w) => (w - q) * (w - q)).Sum();
            var rounded = Array.ConvertAll(ErrorFeedback.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits, moments.Covariance, moments.Damping).Dequantized(), value => (double)value);
            return Enumerable.Range(0, matrix.Rows).Sum(row => moments.Error(rounded.AsSpan(row * matrix.Columns, matrix.Columns), row));
        }
    });
}
