namespace Compress.Runtime.Operators;

/// <summary>[N, C, …] → the same in blocks of channels, [N, C/b, …, b], C being filled up with zeros.</summary>
internal static class BlockKernel
{
    public static void Run(ref KernelCall call)
    {
        var dims = call.Dims(0);
        var channels = dims[1];
        dims[1] = ChannelBlock.Padded(channels, ChannelBlock.Size);
        Run(call.Input(0), (int)dims[0], (int)channels, ChannelBlock.Size, call.Output(0, dims));
    }

    public static void Run(ReadOnlySpan<float> values, int samples, int channels, int block, Span<float> result)
    {
        result.Clear();
        var padded = (int)ChannelBlock.Padded(channels, block);
        var positions = result.Length / (samples * padded);
        for (var i = 0; i < values.Length; i++)
        {
            var (plane, position) = Math.DivRem(i, positions);
            var (sample, channel) = Math.DivRem(plane, channels);
            result[(((sample * padded) + channel - (channel % block)) * positions) + (position * block) + (channel % block)] = values[i];
        }
    }
}
