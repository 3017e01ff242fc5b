using System.Numerics.Tensors;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>
/// The integers that weights of b bits may take. Ordinarily (mid-tread) they are symmetric around zero but for the one extra negative value of two's complement;
/// ternary ones take −1, 0 and 1. On a mid-rise grid they are the odd numbers from −(2^b − 1) to 2^b − 1: no zero, but as many values on either side.
/// </summary>
public readonly record struct WeightGrid(int Low, int High)
{
    /// <summary>
    /// Without VNNI, processors add two products of uint8 and int8 in 16 bits, which saturate. Two weights of at most this magnitude never do:
    /// 2 · 255 · 64 ≤ 32,767.
    /// </summary>
    public const int SafeMagnitude = 64;

    /// <summary>The distance of neighbours: 1, on a mid-rise grid 2.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The grid of each scale, where they differ; low and high are then those of the widest.</summary>
    public IReadOnlyList<WeightGrid>? Each { get; init; }

    public bool IsMidRise => Step == 2;

    public WeightGrid At(int scale) => Each is { } own ? own[scale] : this;

    public static WeightGrid Of(int bits) => bits == QuantizePolicy.Ternary ? new(-1, 1) : bits == 8 ? new(-127, 127) : new(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);

    public static WeightGrid MidRise(int bits) => new(1 - (1 << bits), (1 << bits) - 1) { Step = 2 };

    /// <summary>The part of the grid on which 16-bit pair sums can't overflow against activations of the given width.</summary>
    public static WeightGrid Safe(int bits, int activationBits) =>
        bits == 8 && activationBits == 8 ? new(-SafeMagnitude, SafeMagnitude) : Of(bits);

    /// <summary>Each value's nearest, in one pass after another.</summary>
    public void Round(ReadOnlySpan<float> values, Span<float> codes)
    {
        if (IsMidRise)
        {
            TensorPrimitives.Subtract(values, 1, codes);
            TensorPrimitives.Multiply(codes, 0.5f, codes);
            TensorPrimitives.Round(codes, codes);
            TensorPrimitives.Multiply(codes, 2, codes);
            TensorPrimitives.Add(codes, 1, codes);
        }
        else TensorPrimitives.Round(values, codes);
        TensorPrimitives.Max(codes, Low, codes);
        TensorPrimitives.Min(codes, High, codes);
    }

    public double Round(double value) => Math.Clamp(IsMidRise ? (2 * Math.Round((value - 1) / 2)) + 1 : Math.Round(value), Low, High);
}
