namespace Compress.Analysis;

/// <summary>
/// What the cost of a layer depends on, for one sample. A matrix product of two activations is a layer without weights.
/// For a hypothetical cut take <see cref="Keep"/>; nothing else of the graph is needed.
/// </summary>
/// <param name="Name">The node's name in the original graph.</param>
/// <param name="Op">Its operator type.</param>
/// <param name="InChannels">Channels read: of the input, or the length of the summed axis; of an LSTM or GRU input and hidden size together.</param>
/// <param name="OutChannels">Channels made; of an LSTM or GRU gates × hidden size × directions.</param>
/// <param name="Groups">1 for a dense layer, InChannels for a depthwise convolution.</param>
/// <param name="Kernel">Elements of the kernel, kh · kw; 1 for a dense layer.</param>
/// <param name="Positions">How often the kernel is applied: output positions of a convolution (input positions of a transposed one), rows of a matrix, time steps.</param>
public sealed record LayerShape(string Name, string Op, long InChannels, long OutChannels, long Groups, long Kernel, long Positions)
{
    /// <summary>The activation that is read; the producer of this value sets the input bits.</summary>
    public string Input { get; init; } = "";

    public string Output { get; init; } = "";

    /// <summary>False for a product of two activations.</summary>
    public bool HasWeights { get; init; } = true;

    public bool IsConvolution => Op.Contains("Conv", StringComparison.Ordinal);

    /// <summary>Products that are summed into one output; none where all channels are cut: a depthwise convolution then has no groups either.</summary>
    public long FanIn => InChannels == 0 ? 0 : InChannels / Groups * Kernel;

    public long Macs => Positions * OutChannels * FanIn;

    public long Weights => HasWeights ? OutChannels * FanIn : 0;

    /// <summary>The same layer with fewer channels. A depthwise convolution stays one; of other grouped ones every group is cut alike.</summary>
    public LayerShape Keep(long inChannels, long outChannels) =>
        this with { InChannels = inChannels, OutChannels = outChannels, Groups = Groups == InChannels ? inChannels : Groups };
}

/// <summary>Bit-widths around a layer. Fractions are means over channels; 32 is float.</summary>
/// <param name="Weights">Of the weights; for a product of two activations, of the second one.</param>
/// <param name="Input">Of the activation that is read, as its producer wrote it.</param>
/// <param name="Output">Of the activation that is written.</param>
public sealed record LayerBits(double Weights, double Input, double Output)
{
    public static readonly LayerBits Float = new(32, 32, 32);
}
