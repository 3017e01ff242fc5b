using Compress.Runtime;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>Values in blocks of channels, for operators of our own that read and make them there. Where a value is in blocks already it is not brought there again.</summary>
internal static class Blocks
{
    /// <summary>Filling blocks of channels with zeros costs time too: at most so many times the channels that there are.</summary>
    public const int MostFilling = 2;

    /// <summary>Whether there are blocks, and zeros do not take too much of those of so many channels.</summary>
    public static bool Fill(GradientScope s, long channels) => s.Block is { } block && Fill(channels, block, s.MostFilling);

    /// <summary>The same for blocks that there are.</summary>
    public static bool Fill(long channels, long block, int most = MostFilling) => ChannelBlock.Padded(channels, block) <= most * channels;

    public static string In(GradientScope s, string value) => s.Op(OwnOperators.InBlocks, [value], domain: OwnOperators.Domain);

    public static string Out(GradientScope s, string value, long channels) => s.Op("ReorderOutput", [value], node => node.Set("channels", channels), ChannelBlock.Domain);
}
