using Compress.Graph;

namespace Compress.Analysis;

/// <summary>
/// Numbers of channels at which convolutions get faster on this machine, measured on a few of them: float kernels work in blocks (16 channels with AVX-512,
/// 8 with AVX2), so that 24 channels cost what 32 do and 31 cost more. A count that is no faster than a larger one takes channels away for nothing.
/// </summary>
/// <param name="Step">Counts from <see cref="Block"/> on that are multiples of this are each faster than the next.</param>
public sealed record KernelSteps(int Step)
{
    /// <summary>The largest block that is looked for. Below it input channels are summed one by one, and each counts.</summary>
    private const int Block = 16;

    private const int FewerSteps = 4;

    /// <summary>Counts within this share of each other's time cost the same: far from the quarter that a block of channels makes.</summary>
    private const double Same = 0.9, NearlySame = 0.95;

    private static readonly int[] Probed = [20, 24, 28, 32];

    /// <summary>What the table says for convolutions in float or integer arithmetic.</summary>
    public static KernelSteps Of(LatencyTable table, bool integer)
    {
        var cases = Array.ConvertAll(Probed, channels => new OperatorCase(
            new Node("Conv", ["x", "w"], ["y"]).Set("pads", [1, 1, 1, 1]), [1, channels, 14, 14], [channels, channels, 3, 3], integer));
        table.Measure(cases);
        var times = Array.ConvertAll(cases, table.Milliseconds);
        if (times[1] >= Same * times[3]) return new KernelSteps(16);
        return new KernelSteps(((times[0] / times[1]) + (times[2] / times[3])) / 2 >= NearlySame ? 8 : 4);
    }

    /// <summary>The counts that are worth having of so many channels, the largest, all of them, first; about 16 at most.</summary>
    public IEnumerable<int> Counts(int channels)
    {
        var coarse = (int)Math.Max(Step, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(channels + 15) / 16));
        var below = Math.Max(1, Math.Min(channels, Block) / FewerSteps);
        return Enumerable.Range(1, channels).Reverse().Where(count => count == channels || (count >= Block ? count % coarse == 0 : count % below == 0));
    }
}
