using Compress.Graph;

namespace Compress.Analysis;

/// <summary>
/// Weights as a matrix, row-major [Rows, Columns]: one row an output, one column an input. Rows that share a scale lie next to each other:
/// RowsPerScale is 1 but for transposed convolutions, whose kernel positions are rows too.
/// </summary>
public sealed record WeightMatrix(float[] Values, int Rows, int Columns, int RowsPerScale)
{
    public int Scales => Rows / RowsPerScale;

    public static WeightMatrix Of(Layer layer, Tensor weight)
    {
        var values = weight.Floats();
        var dims = weight.Dims;
        switch (layer.Kind)
        {
            case LayerKind.Conv:
                return new(values, (int)dims[0], (int)(weight.Count / dims[0]), 1);
            case LayerKind.ConvTranspose: // [in, out / group, kernel] → rows (out of all groups, kernel), columns in / group
                var (outs, kernel, ins) = ((int)dims[1], (int)Tensor.ElementCount(dims.AsSpan(2)), (int)dims[0] / layer.Group);
                var matrix = new float[values.Length];
                ForEachTransposed(layer.Group, outs, kernel, ins, (from, to) => matrix[to] = values[from]);
                return new(matrix, layer.Group * outs * kernel, ins, kernel);
            default:
                return layer.Node.Int("transB") != 0
                    ? new(values, (int)dims[0], (int)dims[1], 1)
                    : new(Transposed(values, (int)dims[0], (int)dims[1]), (int)dims[1], (int)dims[0], 1);
        }
    }

    /// <summary>Any values laid out as this matrix, back in the layout of the layer's weight tensor.</summary>
    public static T[] ToTensorLayout<T>(Layer layer, long[] dims, T[] matrix)
    {
        switch (layer.Kind)
        {
            case LayerKind.Conv:
                return matrix;
            case LayerKind.ConvTranspose:
                var result = new T[matrix.Length];
                ForEachTransposed(layer.Group, (int)dims[1], (int)Tensor.ElementCount(dims.AsSpan(2)), (int)dims[0] / layer.Group, (from, to) => result[from] = matrix[to]);
                return result;
            default:
                return layer.Node.Int("transB") != 0 ? matrix : Transposed(matrix, (int)dims[1], (int)dims[0]);
        }
    }

    /// <summary>The axis of the weight tensor that the scales lie along.</summary>
    public static int ScaleAxis(Layer layer) => layer.Kind switch
    {
        LayerKind.Conv => 0,
        LayerKind.ConvTranspose => 1,
        _ => layer.Node.Int("transB") != 0 ? 0 : 1,
    };

    private static void ForEachTransposed(int groups, int outs, int kernel, int ins, Action<int, int> move)
    {
        for (var g = 0; g < groups; g++)
            for (var i = 0; i < ins; i++)
                for (var o = 0; o < outs; o++)
                    for (var k = 0; k < kernel; k++)
                        move((((g * ins) + i) * outs + o) * kernel + k, (((g * outs) + o) * kernel + k) * ins + i);
    }

    private static T[] Transposed<T>(T[] values, int rows, int columns)
    {
        var result = new T[values.Length];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                result[(c * rows) + r] = values[(r * columns) + c];
        return result;
    }
}
