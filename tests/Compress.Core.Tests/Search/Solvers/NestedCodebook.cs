using Compress.Analysis;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>
/// Grids of several widths inside one: b bits are every 2^(N−b)-th point of the N-bit two's-complement grid, so the range stays and the step grows, as the
/// noise of <see cref="DropoutRate"/> has it.
/// </summary>
internal static class NestedCodebook
{
    /// <summary>Codes of the N-bit grid, ascending, 2^bits of them.</summary>
    public static int[] Codes(int bits, int most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, most);
        var (step, lowest) = (1 << (most - bits), -(1 << (most - 1)));
        return [.. Enumerable.Range(0, 1 << bits).Select(i => lowest + (i * step))];
    }

    /// <summary>The nearest code to a weight in units of the finest step; halfway goes to the lower one.</summary>
    public static int Nearest(double value, int bits, int most)
    {
        var step = 1 << (most - bits);
        var lowest = -(1 << (most - 1));
        var index = (int)Math.Ceiling(((value - lowest) / step) - 0.5);
        return lowest + (Math.Clamp(index, 0, (1 << bits) - 1) * step);
    }

    /// <summary>Step of the finest grid: 2βσ / 2^N.</summary>
    public static double Step(double deviation, int most) => 2 * DropoutRate.Beta * deviation / Math.Pow(2, most);
}
