using Compress.Analysis;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>What the walk needs to know about one layer.</summary>
/// <param name="Bits">Weight bits; 32 refits in float.</param>
public sealed record LayerTask(Layer Layer, int Bits)
{
    /// <summary>The integers that the weights may take.</summary>
    public WeightGrid Grid { get; init; } = WeightGrid.Of(Math.Min(Bits, 8));

    public Rounding Rounding { get; init; } = Rounding.Auto;

    /// <summary>Fine grids in all layers and all channels leave little to recover: fewer samples do, and the weights hardly move.</summary>
    public bool IsFine { get; init; }

    /// <summary>Fitted only to be compared with other plans: a tenth of the samples' positions tells as much.</summary>
    public bool IsDraft { get; init; }

    /// <summary>Whether the weights are fitted to the compressed input before they are rounded. Nearest rounding leaves them as they are.</summary>
    public bool Refit => Rounding != Rounding.Nearest;
}

/// <summary>A layer after the walk.</summary>
/// <param name="Weights">Rounded weights; null when the layer stayed in float.</param>
/// <param name="FloatWeights">The weights in the tensor's layout as they are used: rounded and scaled back, or refitted.</param>
/// <param name="Bias">Bias that puts the output's mean where the float model has it.</param>
/// <param name="Error">Squared error of the output against the float model's, relative to its variance.</param>
public sealed record LayerResult(RoundedWeights? Weights, float[] FloatWeights, float[] Bias, double Error);
