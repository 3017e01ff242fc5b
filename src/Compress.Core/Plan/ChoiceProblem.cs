using Compress.Analysis;

namespace Compress.Plan;

/// <summary>One decision with its options, the harmless one first: how much damage each does.</summary>
/// <param name="Values">What the option means: bits, or the number of channels removed.</param>
public sealed record Choice(string Name, int[] Values, double[] Damage);

/// <summary>How a layer's cost hangs on the choices.</summary>
/// <param name="Weight">Index of the choice of its weight bits; -1: fixed at <paramref name="WeightBits"/>.</param>
/// <param name="Activation">Index of the choice of its input's bits; -1: fixed at <paramref name="ActivationBits"/>.</param>
/// <param name="In">Choices of channel groups that its input axis follows, with positions a channel.</param>
/// <param name="Out">The same for its output axis.</param>
public sealed record LayerTerm(LayerShape Shape, int Weight, int WeightBits, int Activation, int ActivationBits, IReadOnlyList<(int Choice, int Width)> In, IReadOnlyList<(int Choice, int Width)> Out);

/// <summary>What is bounded.</summary>
public enum Resource { Size, Macs, Bops, Latency }

/// <summary>
/// Which option of every choice, so that the costs stay within the limits and the damages, which are taken to add up, are least. Pure numbers: a
/// multiple-choice knapsack whose costs are products of choices (channels in × channels out × bits × bits).
/// </summary>
/// <param name="Fixed">Bytes that no choice changes.</param>
public sealed record ChoiceProblem(IReadOnlyList<Choice> Choices, IReadOnlyList<LayerTerm> Layers, IReadOnlyDictionary<Resource, double> Limits, double Fixed = 0)
{
    /// <summary>Measured time of a layer at its kept shape; null: nothing takes time.</summary>
    public Func<LayerTerm, LayerShape, double>? Milliseconds { get; init; }

    public double Damage(int[] options)
    {
        double sum = 0;
        for (var i = 0; i < options.Length; i++) sum += Choices[i].Damage[options[i]];
        return sum;
    }

    public double Cost(Resource resource, int[] options) => Layers.Sum(layer => Cost(resource, layer, options)) + (resource == Resource.Size ? Fixed : 0);

    public double Cost(Resource resource, LayerTerm layer, int[] options)
    {
        int Removed(IReadOnlyList<(int Choice, int Width)> axis) => axis.Sum(part => Choices[part.Choice].Values[options[part.Choice]] * part.Width);
        var shape = layer.Shape.Keep(layer.Shape.InChannels - Removed(layer.In), layer.Shape.OutChannels - Removed(layer.Out));
        var weights = layer.Weight < 0 ? layer.WeightBits : Choices[layer.Weight].Values[options[layer.Weight]];
        var activations = layer.Activation < 0 ? layer.ActivationBits : Choices[layer.Activation].Values[options[layer.Activation]];
        return resource switch
        {
            Resource.Macs => shape.Macs,
            Resource.Bops => (double)shape.Macs * Costs.OperandBits(weights) * activations,
            Resource.Latency => Milliseconds?.Invoke(layer, shape) ?? 0,
            _ => Costs.StoredBytes(shape, weights),
        };
    }
}
