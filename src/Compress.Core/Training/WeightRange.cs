using Compress.Graph;

namespace Compress.Training;

/// <summary>A layer's weights on a symmetric grid whose step and range are trained, one for all channels, each channel counted in its largest magnitude at the start.</summary>
internal sealed class WeightRange : ILearned
{
    private readonly LearnedLayer layer;
    private readonly float[] units;

    /// <param name="least">Fewest bits.</param>
    /// <param name="most">Those of the start.</param>
    public WeightRange(LearnedLayer layer, double least, double most)
    {
        this.layer = layer;
        units = [.. Enumerable.Range(0, layer.Channels).Select(channel => Math.Max(Of(channel).ToArray().Max(MathF.Abs), 1e-12f))];
        Range = new LearnedRange(1, 1, least, most);
    }

    public LearnedRange Range { get; }

    public IEnumerable<Parameter> Parameters => [Range.High, Range.Step];

    public void Feed(IDictionary<string, Tensor> feed)
    {
        var (high, step) = Range.Bounded();
        var values = new float[layer.Weights.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var unit = units[i / layer.ChannelLength];
            values[i] = MathF.Round(Math.Clamp(layer.Weights.Values[i] / unit, -high, high) / step) * step * unit;
        }
        feed[layer.Layer.Weight] = layer.ToTensor(values);
    }

    /// <summary>Rounding is passed straight through; beyond the range the range has the gradient. Takes the place of what the layer took.</summary>
    public void Take(Func<string, float[]> gradient, double progress)
    {
        var (high, step) = (MathF.Exp(Range.High.Values[0]), MathF.Exp(Range.Step.Values[0]));
        var g = layer.ToMatrix(gradient(layer.Layer.Weight));
        double byHigh = 0, byStep = 0;
        for (var i = 0; i < g.Length; i++)
        {
            var unit = units[i / layer.ChannelLength];
            var place = layer.Weights.Values[i] / unit;
            var (inside, bounded) = (MathF.Abs(place) <= high, Math.Clamp(place, -high, high) / step);
            layer.Weights.Gradient[i] = inside ? g[i] : 0;
            if (!inside) byHigh += g[i] * unit * high * MathF.Sign(place);
            byStep += g[i] * unit * step * (MathF.Round(bounded) - bounded);
        }
        Range.High.Gradient[0] = (float)byHigh;
        Range.Step.Gradient[0] = (float)byStep;
    }

    private ReadOnlySpan<float> Of(int channel) => layer.Weights.Values.AsSpan(channel * layer.ChannelLength, layer.ChannelLength);
}
