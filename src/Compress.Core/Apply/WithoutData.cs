using Compress.Analysis;
using Compress.Graph;

namespace Compress.Apply;

/// <summary>Rounding when there are no samples, or when a layer's form has no rows: nearest, with a searched scale, bias as it was.</summary>
public static class WithoutData
{
    public static LayerResult Round(OnnxModel model, LayerTask task)
    {
        var weight = model.Graph.Constants[task.Layer.Weight];
        var matrix = WeightMatrix.Of(task.Layer, weight);
        var bias = Bias(model, task.Layer, matrix);
        if (task.Bits >= 32) return new LayerResult(null, weight.Floats(), bias, 0);
        var exact = Array.ConvertAll(matrix.Values, value => (double)value);
        var rounded = task.Rounding switch
        {
            Policy.Rounding.Max => NearestRounding.Covering(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, task.Bits, task.Grid),
            Policy.Rounding.Nested => NearestRounding.Nested(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, task.Bits, task.Grid),
            _ => NearestRounding.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, task.Bits, task.Grid),
        };
        return new LayerResult(rounded, WeightMatrix.ToTensorLayout(task.Layer, weight.Dims, rounded.Dequantized()), bias, double.NaN);
    }

    /// <summary>The layer's own bias, or zeros, one value a scale.</summary>
    public static float[] Bias(OnnxModel model, Layer layer, WeightMatrix matrix) =>
        layer.Bias is { } bias ? [.. model.Graph.Constants[bias].Floats()] : new float[matrix.Scales];
}
