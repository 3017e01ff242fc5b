using Compress.Runtime.Operators;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Values [N, C, positions] in blocks of channels that are filled up with zeros, number by number.</summary>
internal static class Blocks<T> where T : struct, ILanes<T>
{
    public static int Padded(int channels) => (channels + T.Count - 1) / T.Count * T.Count;

    public static TValue[] Of<TValue>(TValue[] values, int samples, int channels, int positions)
    {
        var made = new TValue[samples * Padded(channels) * positions];
        for (var i = 0; i < values.Length; i++) made[Place(i / positions / channels, i / positions % channels, i % positions, channels, positions)] = values[i];
        return made;
    }

    public static int Place(int sample, int channel, int position, int channels, int positions) =>
        (((sample * Padded(channels)) + (channel / T.Count * T.Count)) * positions) + (position * T.Count) + (channel % T.Count);
}
