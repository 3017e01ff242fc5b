namespace Compress.Analysis;

/// <summary>How bit operations are counted. Published figures differ by a factor of three for the same network, so every report names its convention.</summary>
public enum BopsConvention
{
    /// <summary>MACs × weight bits × bits of the activation that is read (DJPQ, Bayesian Bits). The default.</summary>
    Product,

    /// <summary>
    /// As PIC-PQ counts: a convolution takes the bits of its own output, groups do not divide, and every other layer counts one float
    /// product a weight. (For VGG its authors leave the first convolution out as well.)
    /// </summary>
    PicPq,

    /// <summary>MACs × (w·a + w + a + log2 of the fan-in), which counts the accumulator's width too (UNIQ, Baskin et al.).</summary>
    AccumulatorAware,
}

public static partial class Costs
{
    /// <summary>Bit operations of one layer for one sample.</summary>
    public static double Bops(LayerShape layer, LayerBits bits, BopsConvention convention = BopsConvention.Product) => convention switch
    {
        BopsConvention.PicPq when layer.IsConvolution => (double)layer.Macs * layer.Groups * bits.Weights * bits.Output,
        BopsConvention.PicPq => layer.Weights * 32.0 * 32.0,
        BopsConvention.AccumulatorAware => layer.Macs * (bits.Weights * bits.Input + bits.Weights + bits.Input + Math.Log2(layer.FanIn)),
        _ => layer.Macs * bits.Weights * bits.Input,
    };

    /// <summary>Bits of a weight as a factor of a product; three values take two.</summary>
    public static int OperandBits(int bits) => bits == Policy.QuantizePolicy.Ternary ? 2 : bits;

    /// <summary>Bit operations of a model.</summary>
    public static double Bops(IEnumerable<(LayerShape Layer, LayerBits Bits)> layers, BopsConvention convention = BopsConvention.Product) =>
        layers.Sum(entry => Bops(entry.Layer, entry.Bits, convention));

    /// <summary>Multiply-accumulates of a model.</summary>
    public static long Macs(IEnumerable<LayerShape> layers) => layers.Sum(layer => layer.Macs);

    /// <summary>The convention in words, for reports.</summary>
    public static string Describe(BopsConvention convention) => convention switch
    {
        BopsConvention.PicPq => "PIC-PQ: convolutions with their own output's bits, groups not divided, other layers 32 × 32 for each weight",
        BopsConvention.AccumulatorAware => "accumulator-aware: MACs × (w·a + w + a + log2 fan-in), a the input's bits, float 32",
        _ => "product: MACs × weight bits × bits of the input activation, float 32 × 32",
    };
}
