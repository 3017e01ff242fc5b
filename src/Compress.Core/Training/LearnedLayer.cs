using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;

namespace Compress.Training;

/// <summary>
/// A layer's weights while they are trained: exact weights in matrix layout, counted in their scale, the logarithm of each scale, a bias. The graph is fed
/// scale · round(weight). Rounding is passed straight through to the weights; a scale has the true gradient for the codes of the moment. (The step size of
/// LSQ, arXiv 1902.08153, has none where weights lie on the grid, as they do at the start here.)
/// </summary>
internal sealed class LearnedLayer
{
    private readonly LayerTask task;
    private readonly LayerResult start;
    private readonly WeightMatrix matrix;
    private readonly long[] dims;
    private readonly float[] codes;

    /// <param name="task">Bits and grid.</param>
    /// <param name="weight">The weight tensor before training, for its dimensions.</param>
    /// <param name="start">Where training starts.</param>
    public LearnedLayer(LayerTask task, Tensor weight, LayerResult start)
    {
        (this.task, this.start, dims) = (task, start, weight.Dims);
        matrix = WeightMatrix.Of(task.Layer, Tensor.Of(start.FloatWeights, dims));
        var scales = start.Weights?.Scales ?? Enumerable.Repeat(1f, matrix.Scales).ToArray();
        Weights = new Parameter(
            [.. matrix.Values.Select((value, i) => value / scales[i / matrix.Columns / matrix.RowsPerScale])],
            [.. Units(matrix).Select((unit, row) => unit / scales[row / matrix.RowsPerScale])], Decays: true);
        Bias = task.Layer.TakesBias ? new Parameter([.. start.Bias], [Math.Max(Deviation(start.Bias), 1e-2f)]) : null;
        codes = new float[matrix.Values.Length];
        if (start.Weights is { } rounded) Scales = new Parameter(Array.ConvertAll(rounded.Scales, MathF.Log), Enumerable.Repeat(ScaleUnit, rounded.Scales.Length).ToArray());
    }

    /// <summary>Steps move less than weights: all weights of a row feel them.</summary>
    public const float ScaleUnit = 0.3f;

    public Layer Layer => task.Layer;

    /// <summary>In scales; in their own size where the layer stays in float.</summary>
    public Parameter Weights { get; }

    /// <summary>Logarithms; null: the layer stays in float.</summary>
    public Parameter? Scales { get; }

    /// <summary>Null: there is nowhere to put one.</summary>
    public Parameter? Bias { get; }

    public IEnumerable<Parameter> Parameters => new[] { Weights, Scales, Bias }.OfType<Parameter>();

    /// <summary>The weights as the graph is to see them.</summary>
    public Tensor Rounded()
    {
        if (Scales is null) return Tensor.Of(WeightMatrix.ToTensorLayout(Layer, dims, (float[])Weights.Values.Clone()), dims);
        var values = new float[codes.Length];
        ForEachScale((scale, step, from, to) =>
        {
            var grid = task.Grid.At(scale);
            for (var i = from; i < to; i++)
            {
                codes[i] = Math.Clamp(MathF.Round(Weights.Values[i]), grid.Low, grid.High);
                values[i] = codes[i] * step;
            }
        });
        return Tensor.Of(WeightMatrix.ToTensorLayout(Layer, dims, values), dims);
    }

    /// <summary>Takes the gradient of what <see cref="Rounded"/> gave last.</summary>
    public void Take(float[] weights, float[]? bias)
    {
        var gradient = WeightMatrix.Of(Layer, Tensor.Of(weights, dims)).Values;
        bias?.CopyTo(Bias!.Gradient, 0);
        if (Scales is null)
        {
            gradient.CopyTo(Weights.Gradient, 0);
            return;
        }
        ForEachScale((scale, step, from, to) =>
        {
            var grid = task.Grid.At(scale);
            double sum = 0;
            for (var i = from; i < to; i++)
            {
                var inside = Weights.Values[i] >= grid.Low - 0.5f && Weights.Values[i] <= grid.High + 0.5f;
                Weights.Gradient[i] = inside ? gradient[i] * step : 0;
                sum += gradient[i] * codes[i];
            }
            Scales.Gradient[scale] = (float)(sum * step);
        });
    }

    /// <summary>The layer as it is written.</summary>
    public LayerResult Result()
    {
        var bias = Bias is null ? start.Bias : [.. Bias.Values];
        var weights = Rounded().Floats();
        if (Scales is null) return new LayerResult(null, weights, bias, double.NaN);
        return new LayerResult(start.Weights! with { Codes = Array.ConvertAll(codes, code => (sbyte)code), Scales = Array.ConvertAll(Scales.Values, MathF.Exp) }, weights, bias, double.NaN);
    }

    private void ForEachScale(Action<int, float, int, int> action)
    {
        var length = matrix.RowsPerScale * matrix.Columns;
        for (var s = 0; s < matrix.Scales; s++) action(s, MathF.Exp(Scales!.Values[s]), s * length, (s + 1) * length);
    }

    /// <summary>Each row's root mean square, at least a tenth of the layer's.</summary>
    private static float[] Units(WeightMatrix matrix)
    {
        var least = Math.Max(Deviation(matrix.Values) / 10, 1e-6f);
        return [.. Enumerable.Range(0, matrix.Rows).Select(row => Math.Max(least, Deviation(matrix.Values.AsSpan(row * matrix.Columns, matrix.Columns))))];
    }

    private static float Deviation(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values) sum += value * (double)value;
        return (float)Math.Sqrt(sum / values.Length);
    }
}
