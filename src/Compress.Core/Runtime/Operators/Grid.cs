using System.Numerics;

namespace Compress.Runtime.Operators;

/// <summary>
/// A grid whose step is learned (LSQ, arXiv 1902.08153), behind a function that stops values: with t = clip(x, From, To) · <see cref="Inverse"/> and k = clip(round(t), Low, High), y = k·Step.
/// Halves round to the even neighbour, as in QuantizeLinear. What gradients need to know of x is its place on the grid, a number of 16 bits: in front k − Low, and behind it t − k in as many
/// digits (<see cref="Digits"/>) as are left: of 6 bits a step's gradient is as exact as one part in a thousand of what its terms come to.
/// </summary>
/// <param name="Low">The first code; a byte has room for all.</param>
/// <param name="From">Infinite where nothing stops values, like <paramref name="To"/>.</param>
internal readonly record struct Grid(float Step, float Low, float High, float From, float To)
{
    private const int Bits = 16;

    /// <summary>A part of a place that is still told apart at the last one, in float32.</summary>
    private const float Margin = 1f / 64;

    /// <param name="bounds">Low, high, from and to.</param>
    public static Grid Of(float step, ReadOnlySpan<float> bounds) => new(step, bounds[0], bounds[1], bounds[2], bounds[3]);

    /// <summary>What values are multiplied by: a division by the step is the slowest of all that is done to them.</summary>
    public float Inverse => 1 / Step;

    /// <summary>Digits of a place, in base two, that say where x lies between two codes' borders.</summary>
    public int Digits => Bits - (Bits + Bits - BitOperations.LeadingZeroCount((uint)(High - Low)));

    /// <summary>Places that a code has.</summary>
    public float Parts => 1 << Digits;

    /// <summary>Those from one border of a code to the other: two less, so that with any <see cref="Shift"/> no rounding brings a number to another code's.</summary>
    public float Between => Parts - 2 + (2 * Margin) - (2 * Shift);

    /// <summary>
    /// Where the middle of a code's places lies off. With it, and <see cref="Between"/>, the least t comes right before a place begins, and the border of the last code right behind: what the
    /// ends stop does not share a place with what lies next to it.
    /// </summary>
    public float Shift
    {
        get
        {
            var rest = Ends.Least - MathF.Round(Ends.Least);
            var place = (Parts / 2) + (rest * (Parts - 2 + (2 * Margin)));
            return Math.Clamp((MathF.Round(place + Margin) - Margin - place) / (1 - (2 * rest)), -0.49f, 0.49f);
        }
    }

    /// <summary>The least and the largest t: where the function stops it, or where the codes end.</summary>
    public (float Least, float Most) Ends
    {
        get
        {
            var (first, last) = (MathF.BitIncrement(Low - 0.5f), MathF.BitDecrement(High + 0.5f));
            return (Math.Clamp(From * Inverse, first, last), Math.Clamp(To * Inverse, first, last));
        }
    }

    /// <summary>Whether it is the function that stops values at either end.</summary>
    public (bool Least, bool Most) IsStopped => (From * Inverse >= Ends.Least, To * Inverse <= Ends.Most);

    /// <summary>∂y/∂Step beyond either end.</summary>
    public (float Least, float Most) Slopes => (Slope(From * Inverse, Ends.Least), Slope(To * Inverse, Ends.Most));

    /// <summary>Where the codes end t goes on.</summary>
    private static float Slope(float stop, float end) => MathF.Round(end) - (stop == end ? end : 0);
}
