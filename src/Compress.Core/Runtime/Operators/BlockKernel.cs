namespace Compress.Runtime.Operators;

/// <summary>[N, C, …] → the same in blocks of channels, [N, C/b, …, b], C being filled up with zeros.</summary>
internal static class BlockKernel
{
    public static void Run(ref KernelCall call)
    {
        var dims = call.Dims(0);
        var (channels, block) = (dims[1], ChannelBlock.Size);
        dims[1] = (channels + block - 1) / block * block;
        var from = call.Input(0);
        var to = call.Output(0, dims);
        to.Clear();
        var positions = (int)(to.Length / (dims[0] * dims[1]));
        for (var i = 0; i < from.Length; i++)
        {
            var (plane, position) = Math.DivRem(i, positions);
            var (sample, channel) = Math.DivRem(plane, (int)channels);
            to[(((int)((sample * dims[1]) + channel - (channel % block))) * positions) + (position * block) + (channel % block)] = from[i];
        }
    }
}
