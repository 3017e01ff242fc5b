namespace Compress.Gradients;

/// <summary>Which gradients are asked for.</summary>
/// <param name="Seeds">Where gradients start: a value of the graph → the name of the value that carries ∂L/∂value, of the same shape. A name that
/// the graph does not have becomes an input. See <see cref="Losses"/> for losses as nodes, whose seed is a constant.</param>
/// <param name="Wanted">Values, inputs or constants whose gradients are returned.</param>
public sealed record GradientRequest(IReadOnlyDictionary<string, string> Seeds, IReadOnlyList<string> Wanted)
{
    /// <summary>Values of the model that are returned as well.</summary>
    public IReadOnlyList<string> Forward { get; init; } = [];

    /// <summary>Wanted constants become inputs, so that a trainer can feed them; otherwise they stay as they are.</summary>
    public bool ConstantsAsInputs { get; init; }

    /// <summary>Where this machine has them, operators of our own on blocks of channels, for a graph whose convolutions will run in blocks.</summary>
    public bool InBlocks { get; init; }

    /// <summary>Filling blocks of channels with zeros costs time too: at most so many times the channels that there are.</summary>
    internal int MostFilling { get; init; } = Blocks.MostFilling;
}
