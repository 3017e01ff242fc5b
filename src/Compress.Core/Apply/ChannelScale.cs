namespace Compress.Apply;

/// <summary>
/// The scale of a channel's weights, with the 11 significant bits of a float16, so that a file keeps it in 16 bits without loss (<see cref="ChannelConstants"/>). It is
/// rounded before codes are chosen where they follow from it; a scale that was fitted to codes moves by 0.05 % at most, far less than a step of 8 bits.
/// </summary>
internal static class ChannelScale
{
    /// <summary>Bits that a float has and a float16 does not.</summary>
    private const int Dropped = 13;

    /// <summary>Below the first, where floats have fewer digits, weights are zeros for all that anyone can tell, and the second does no harm.</summary>
    private const double Smallest = 1.2e-38, OfZeros = 1e-8;

    /// <summary>The nearest scale of 11 significant bits.</summary>
    public static float Of(double scale)
    {
        var bits = BitConverter.SingleToUInt32Bits((float)(scale < Smallest ? OfZeros : scale)) + (1u << (Dropped - 1));
        return BitConverter.UInt32BitsToSingle(bits >> Dropped << Dropped);
    }
}
