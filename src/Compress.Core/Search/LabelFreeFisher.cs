using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Apply;
using Compress.Graph;

namespace Compress.Search;

/// <summary>
/// Diagonal Fisher information of a layer's weights without labels or gradients: F = f·Var(x) of the input that a weight reads, the layer's factor f such
/// that ½ Σ F ΔW² of weights rounded to nearest is the measured damage of rounding them.
/// </summary>
public sealed class LabelFreeFisher
{
    private readonly Dictionary<string, double[]> columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> saliency = new(StringComparer.Ordinal);

    public LabelFreeFisher(SearchContext context, Sensitivity sensitivity)
    {
        var facts = context.Facts;
        foreach (var layer in facts.Layers)
        {
            var weight = facts.Model.Graph.Constants[layer.Weight];
            var matrix = WeightMatrix.Of(layer, weight);
            var power = sensitivity.Moments.TryGetValue(layer.Name, out var moments)
                ? Enumerable.Range(0, matrix.Columns).Select(c => Math.Max(0, moments.Covariance[(c * matrix.Columns) + c])).ToArray()
                : Enumerable.Repeat(1.0, matrix.Columns).ToArray();
            var rounding = Distance(matrix.Values, Rounded(matrix, Sensitivity.GainBits, context.WeightGrid(layer, Sensitivity.GainBits)), power);
            var factor = rounding > 0 ? 2 * sensitivity.Weights[layer.Name][Sensitivity.GainBits] / rounding : 0;
            columns[layer.Name] = Array.ConvertAll(power, p => p * factor);
            var squares = matrix.Values.Select((w, i) => (float)(columns[layer.Name][i % matrix.Columns] * w * w)).ToArray();
            saliency[layer.Name] = Tensor.Of(WeightMatrix.ToTensorLayout(layer, weight.Dims, squares), weight.Dims);
        }
    }

    /// <summary>F·w² of every weight, in the layout of the layer's weight tensor.</summary>
    public Tensor Saliency(string layer) => saliency[layer];

    /// <summary>Σ F·w² over the weights that make each channel of a group.</summary>
    public double[] Saliency(ChannelGroup group)
    {
        var sums = new double[group.Channels];
        foreach (var producer in group.Producers.Where(producer => saliency.ContainsKey(producer.Layer)))
        {
            var own = WeightSums.Of(saliency[producer.Layer], producer.Weight, value => value);
            for (var c = 0; c < sums.Length; c++) sums[c] += own[c];
        }
        return sums;
    }

    /// <summary>FIT distance Σ F·(a − b)² of two settings of a layer's weights, each as its matrix [rows, columns].</summary>
    public double Distance(string layer, float[] a, float[] b) => Distance(a, b, columns[layer]);

    /// <summary>A matrix rounded to nearest, a scale an output.</summary>
    public static float[] Rounded(WeightMatrix matrix, int bits, WeightGrid grid) =>
        NearestRounding.Round(Array.ConvertAll(matrix.Values, value => (double)value), matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits, grid).Dequantized();

    private static double Distance(float[] a, float[] b, double[] columns)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            double difference = a[i] - b[i];
            sum += columns[i % columns.Length] * difference * difference;
        }
        return sum;
    }
}
