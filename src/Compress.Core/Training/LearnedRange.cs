namespace Compress.Training;

/// <summary>
/// Step d and range q of a grid, both trained by their logarithms, so that the bits are trained too: b = log₂(q (1 + r) / d + 1), where the grid goes from −r q to q
/// (DJPQ, 2007.10463, with exponent 1: a bent grid would have no integer arithmetic).
/// </summary>
internal sealed class LearnedRange
{
    /// <summary>Bits are to move through their range in a short training.</summary>
    private const float Unit = 2;

    private readonly double below, least, most;
    private readonly float first;

    /// <param name="high">q at the start.</param>
    /// <param name="below">r.</param>
    /// <param name="least">Fewest bits.</param>
    /// <param name="most">Most bits: those of the start.</param>
    public LearnedRange(double high, double below, double least, double most)
    {
        (this.below, this.least, this.most) = (below, least, most);
        first = (float)Math.Log(Math.Max(high, 1e-12));
        High = new Parameter([first], [LearnedLayer.ScaleUnit]);
        Step = new Parameter([first + (float)LogStep(most)], [Unit]);
    }

    public Parameter High { get; }

    public Parameter Step { get; }

    public double Bits => Math.Log2(Levels);

    private double Levels => (Math.Exp(High.Values[0] - (double)Step.Values[0]) * (1 + below)) + 1;

    /// <summary>Keeps the bits, and the range at most as wide as at the start.</summary>
    public (float High, float Step) Bounded()
    {
        High.Values[0] = Math.Clamp(High.Values[0], first - 4, first);
        Step.Values[0] = Math.Clamp(Step.Values[0], High.Values[0] + (float)LogStep(most), High.Values[0] + (float)LogStep(least));
        return (MathF.Exp(High.Values[0]), MathF.Exp(Step.Values[0]));
    }

    /// <summary>Adds a loss's derivative by ln b to the gradients.</summary>
    public void Add(double slope)
    {
        var own = slope * (Levels - 1) / (Levels * Math.Log(2) * Bits);
        High.Gradient[0] += (float)own;
        Step.Gradient[0] -= (float)own;
    }

    /// <summary>ln(d / q) for so many bits.</summary>
    private double LogStep(double bits) => Math.Log((1 + below) / (Math.Pow(2, bits) - 1));
}
