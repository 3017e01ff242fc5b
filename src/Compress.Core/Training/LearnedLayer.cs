using System.Numerics.Tensors;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Runtime;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Training;

/// <summary>
/// A layer's weights while they are trained: exact weights in matrix layout, counted in their scale, the logarithm of each scale, a bias. The graph is fed
/// scale · round(weight). Rounding is passed straight through to the weights; a scale has the true gradient for the codes of the moment. (The step size of
/// LSQ, arXiv 1902.08153, has none where weights lie on the grid, as they do at the start here.) With position-scaled gradients (PSG, arXiv 2005.11035) the graph is
/// fed the weights as they are, and each moves in proportion to its distance from the grid: they gather there, and rounding at the end takes little away.
/// </summary>
internal sealed class LearnedLayer : ILearned
{
    private readonly LayerTask task;
    private readonly LayerResult start;
    private readonly WeightMatrix matrix;
    private readonly long[] dims;
    private readonly float[] codes;
    private readonly string? biasInput;
    private readonly bool positionScaled;

    /// <summary>Room for what the graph is fed with.</summary>
    private float[]? fed;

    /// <param name="task">Bits and grid.</param>
    /// <param name="weight">The weight tensor before training, for its dimensions.</param>
    /// <param name="start">Where training starts.</param>
    /// <param name="biasInput">The graph's input that carries the bias; null: there is none.</param>
    /// <param name="positionScaled">Trained unrounded.</param>
    public LearnedLayer(LayerTask task, Tensor weight, LayerResult start, string? biasInput, bool positionScaled = false)
    {
        this.biasInput = biasInput;
        this.positionScaled = positionScaled && start.Weights is not null;
        (this.task, this.start, dims) = (task, start, weight.Dims);
        matrix = WeightMatrix.Of(task.Layer, Tensor.Of(start.FloatWeights, dims));
        var scales = start.Weights?.Scales ?? Enumerable.Repeat(1f, matrix.Scales).ToArray();
        Weights = new Parameter(
            [.. matrix.Values.Select((value, i) => value / scales[i / matrix.Columns / matrix.RowsPerScale])],
            [.. Units(matrix).Select((unit, row) => unit / scales[row / matrix.RowsPerScale])], Decays: true);
        Bias = biasInput is not null ? new Parameter([.. start.Bias], [Math.Max(Deviation(start.Bias), 1e-2f)]) : null;
        codes = new float[matrix.Values.Length];
        if (start.Weights is { } rounded) Scales = new Parameter(Array.ConvertAll(rounded.Scales, MathF.Log), [ScaleUnit]);
    }

    /// <summary>Half way between two points of the grid a weight moves at full pace, on a point at this one: what lies there can leave it still.</summary>
    public const float LeastPace = 0.05f;

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

    /// <summary>Weights of one output channel, which lie next to each other.</summary>
    public int ChannelLength => matrix.RowsPerScale * matrix.Columns;

    public int Channels => matrix.Scales;

    public void Feed(IDictionary<string, Tensor> feed)
    {
        feed[Layer.Weight] = positionScaled || Scales is null ? Exact() : Rounded(fed ??= new float[codes.Length]);
        if (Bias is not null) feed[biasInput!] = Tensor.Of([.. Bias.Values], Bias.Values.Length);
    }

    public void Take(Func<string, float[]> gradient, double progress)
    {
        Take(gradient(Layer.Weight));
        if (Bias is not null) gradient(biasInput!).CopyTo(Bias.Gradient, 0);
    }

    /// <summary>Values of the weights' matrix, as the tensor that the graph takes.</summary>
    public Tensor ToTensor(float[] values) => Tensor.Of(WeightMatrix.ToTensorLayout(Layer, dims, values), dims);

    /// <summary>The values of a tensor like the weights', as their matrix.</summary>
    public float[] ToMatrix(float[] tensor) => WeightMatrix.Of(Layer, Tensor.Of(tensor, dims)).Values;

    /// <summary>The weights before rounding, as a tensor.</summary>
    public Tensor Exact()
    {
        var values = (float[])Weights.Values.Clone();
        if (Scales is not null)
            ForEachScale((_, step, from, to) =>
            {
                for (var i = from; i < to; i++) values[i] *= step;
            });
        return ToTensor(values);
    }

    /// <summary>The weights on their grid.</summary>
    /// <param name="values">Room for them, which they may take up.</param>
    private Tensor Rounded(float[] values)
    {
        ForEachScale((scale, step, from, to) =>
        {
            var grid = task.Grid.At(scale);
            var own = codes.AsSpan(from..to);
            grid.Round(Weights.Values.AsSpan(from..to), own);
            TensorPrimitives.Multiply(own, step, values.AsSpan(from..to));
        });
        return ToTensor(values);
    }

    private void Take(float[] weights)
    {
        var gradient = ToMatrix(weights);
        if (Scales is null)
        {
            gradient.CopyTo(Weights.Gradient, 0);
            return;
        }
        if (positionScaled)
        {
            TakeUnrounded(gradient);
            return;
        }
        ForEachScale((scale, step, from, to) =>
        {
            var grid = task.Grid.At(scale);
            var (low, high) = (grid.Low - (grid.Step * 0.5f), grid.High + (grid.Step * 0.5f));
            var own = gradient.AsSpan(from..to);
            TensorPrimitives.Multiply(own, step, Weights.Gradient.AsSpan(from..to));
            for (var i = from; i < to; i++)
                if (!(Weights.Values[i] >= low && Weights.Values[i] <= high)) Weights.Gradient[i] = 0;
            Scales.Gradient[scale] = TensorPrimitives.Dot(own, codes.AsSpan(from..to)) * step;
        });
    }

    private void TakeUnrounded(float[] gradient)
    {
        Weights.Pace ??= new float[codes.Length];
        ForEachScale((scale, step, from, to) =>
        {
            var grid = task.Grid.At(scale);
            double sum = 0;
            for (var i = from; i < to; i++)
            {
                var place = Weights.Values[i];
                Weights.Gradient[i] = gradient[i] * step;
                Weights.Pace[i] = LeastPace + Math.Min(1, 2 * MathF.Abs(place - (float)grid.Round(place)) / grid.Step);
                sum += gradient[i] * place;
            }
            Scales!.Gradient[scale] = (float)(sum * step);
        });
    }

    /// <summary>The layer as it is written.</summary>
    public LayerResult Result()
    {
        var bias = Bias is null ? start.Bias : [.. Bias.Values];
        if (Scales is null) return new LayerResult(null, Exact().Floats(), bias, double.NaN);
        Rounded(new float[codes.Length]); // for the codes: their scales are rounded below
        var weights = start.Weights! with { Codes = Array.ConvertAll(codes, code => (sbyte)code), Scales = Array.ConvertAll(Scales.Values, logarithm => ChannelScale.Of(MathF.Exp(logarithm))) };
        return new LayerResult(weights, ToTensor(weights.Dequantized()).Floats(), bias, double.NaN);
    }

    private void ForEachScale(Action<int, float, int, int> action)
    {
        Concurrent.Rows([(Channels, ChannelLength)], (_, first, end) =>
        {
            for (var s = first; s < end; s++) action(s, MathF.Exp(Scales!.Values[s]), s * ChannelLength, (s + 1) * ChannelLength);
        });
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
