namespace Compress.Runtime.Operators;

/// <summary>Weights [M, C, h, w] as convolutions need them, number by number: once a step.</summary>
internal static class WeightKernels
{
    /// <summary>[M/b, C/b, h, w, b of C, b of M], M and C being filled up with zeros: as direct convolutions read them. A single C, a channel a group, stays one: [M/b, h, w, b of M].</summary>
    public static void InBlocks(ReadOnlySpan<float> weights, (int M, int C, int Positions) size, int block, Span<float> result)
    {
        result.Clear();
        var deep = size.C == 1 ? 1 : block; // channels of a block
        var to = 0;
        // No division a number: they would take most of the time.
        for (var m = 0; m < size.M; m += block)
            for (var c = 0; c < size.C; c += deep, to += size.Positions * deep * block)
                for (var row = 0; row < Math.Min(block, size.M - m); row++)
                {
                    var (from, place) = ((((m + row) * size.C) + c) * size.Positions, to + row);
                    for (var column = 0; column < Math.Min(deep, size.C - c); column++, place += block)
                        for (var k = 0; k < size.Positions; k++) result[place + (k * deep * block)] = weights[from++];
                }
    }

    /// <summary>[C, M, h, w], the kernel turned round: the weights of the convolution that is the gradient of the input.</summary>
    public static void Turn(ReadOnlySpan<float> weights, (int M, int C, int Positions) size, Span<float> result)
    {
        var i = 0;
        for (var m = 0; m < size.M; m++)
            for (var c = 0; c < size.C; c++)
            {
                var to = (((c * size.M) + m + 1) * size.Positions) - 1;
                for (var k = 0; k < size.Positions; k++) result[to - k] = weights[i++];
            }
    }

    public static void InBlocks(ref KernelCall call)
    {
        var (dims, block) = (call.Dims(0), ChannelBlock.Size);
        long Padded(long channels) => ChannelBlock.Padded(channels, block);
        InBlocks(call.Input(0), Size(dims), block, call.Output(0, Padded(dims[0]), dims[1] == 1 ? 1 : Padded(dims[1]), dims[2], dims[3]));
    }

    public static void Turn(ref KernelCall call)
    {
        var dims = call.Dims(0);
        Turn(call.Input(0), Size(dims), call.Output(0, dims[1], dims[0], dims[2], dims[3]));
    }

    private static (int, int, int) Size(long[] dims) => ((int)dims[0], (int)dims[1], (int)(dims[2] * dims[3]));
}
