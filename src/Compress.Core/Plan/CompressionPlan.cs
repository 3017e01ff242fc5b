using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Policy;

namespace Compress.Plan;

/// <summary>Where a layer's arithmetic runs.</summary>
public enum Arithmetic { Float, Integer }

/// <summary>What becomes of one layer's weights.</summary>
/// <param name="Bits">2 to 8, or <see cref="QuantizePolicy.Ternary"/>; 32 leaves them as they are.</param>
public sealed record LayerChoice(int Bits, Arithmetic Arithmetic)
{
    public static readonly LayerChoice Untouched = new(32, Arithmetic.Float);

    public bool IsCompressed => Bits < 32;
}

/// <summary>
/// Every decision about a model, and nothing else: printable, comparable, stored in the lock file. Layers by their original names,
/// activations by the value whose grid they are on.
/// </summary>
public sealed record CompressionPlan
{
    public required ImmutableSortedDictionary<string, LayerChoice> Layers { get; init; }

    /// <summary>
    /// For a layer whose output channels have several widths, that of each channel that stays; <see cref="Layers"/> has the widest. Layers in groups have one.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<int>> ChannelBits { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<int>>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Layers that became products of two, with the rank that they were given; <see cref="Layers"/> has both factors, cuts may have lowered the rank since.</summary>
    public ImmutableSortedDictionary<string, int> Factors { get; init; } = ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Nodes of control flow whose sub-graphs' weights are stored in 8 bits.</summary>
    public ImmutableSortedSet<string> SubGraphs { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>Bits in which tables are stored (embeddings, recurrent and shared weights), by their constants' names; those that are missing stay as they are.</summary>
    public ImmutableSortedDictionary<string, int> Tables { get; init; } = ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Channels that stay, for every group that loses some.</summary>
    public ImmutableArray<ChannelCut> Cuts { get; init; } = [];

    /// <summary>Bits of each quantized activation.</summary>
    public ImmutableSortedDictionary<string, int> ActivationBits { get; init; } = ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Layers in float arithmetic whose weights are read as they lie in the file, by a kernel of their own; those whose form it does not know are unpacked.</summary>
    public ImmutableSortedSet<string> PackedProducts { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>Recurrent nodes whose products are of integers, by their names.</summary>
    public ImmutableSortedSet<string> IntegerRecurrence { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>Values whose grids are taken from every input as the model runs, see <see cref="Quantizer.IsDynamic"/>; those that can't be are static.</summary>
    public ImmutableSortedSet<string> DynamicRanges { get; init; } = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>The grids themselves, once they were chosen; a value that is missing gets its grid from calibration.</summary>
    public ImmutableSortedDictionary<string, Quantizer> Grids { get; init; } = ImmutableSortedDictionary<string, Quantizer>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>How weights are rounded.</summary>
    public Rounding Rounding { get; init; } = Rounding.Auto;

    /// <summary>Whether weights of 2 and 3 bits may lie on a grid without zero, where that is nearer to them.</summary>
    public bool MidRise { get; init; }

    /// <summary>How activation ranges are taken from their histograms.</summary>
    public RangeMethod Range { get; init; } = RangeMethod.Auto;

    /// <summary>Lets weights use all of int8 although 16-bit pair sums may then saturate on processors without VNNI.</summary>
    public bool AllowOverflow { get; init; }

    /// <summary>Standard Quantize–Dequantize form without packing, for other execution providers.</summary>
    public bool Plain { get; init; }

    /// <summary>Written with the Quant nodes of QONNX.</summary>
    public bool Qonnx { get; init; }

    /// <summary>Operator types that stay in float although an integer kernel exists, because they measured slower or less exact; "Conv/depthwise" names depthwise convolutions.</summary>
    public ImmutableSortedSet<string> FloatOperators { get; init; } = [];

    /// <summary>Passes over the calibration samples in which gradients bring the ends of blocks near the float model's; 0: none.</summary>
    public int Reconstruction { get; init; }

    /// <summary>Fingerprint of the trained weights, which the cache holds; null: weights are fitted, not trained.</summary>
    public string? Trained { get; init; }

    /// <summary>True when every layer stays as it is: the model itself is the result.</summary>
    public bool ChangesNothing => Factors.IsEmpty && Cuts.IsEmpty && SubGraphs.IsEmpty && Tables.IsEmpty && Layers.Values.All(choice => !choice.IsCompressed);

    /// <summary>Bits in which a weight of a layer is stored, in the mean over its channels.</summary>
    public double StoredBits(string layer) => ChannelBits.TryGetValue(layer, out var channels) ? channels.Average(Costs.StoredBits) : Costs.StoredBits(Layers[layer].Bits);

    /// <summary>The plan that leaves these layers as they are.</summary>
    public static CompressionPlan Untouched(IEnumerable<string> layers) =>
        new() { Layers = layers.ToImmutableSortedDictionary(name => name, _ => LayerChoice.Untouched, StringComparer.Ordinal) };
}
