using Compress.Runtime.Operators;

namespace Compress.Training;

/// <summary>Weights as direct convolutions read them: [M, C, h, w] → [M/b, C/b, h, w, b of C, b of M], and with few input channels or one a group → [M/b, C, h, w, b of M].</summary>
internal sealed class BlockedWeights(BlockWriter writer)
{
    /// <param name="w">For an input in blocks, a channel a group or all of them.</param>
    public string Of(string w) => writer.Op(OwnOperators.WeightsInBlocks, [w], OwnOperators.Domain);

    /// <param name="w">For an input as it lies.</param>
    /// <param name="from">Dimensions of the weights.</param>
    public string OfNarrow(string w, long[] from)
    {
        long[] to = [writer.Padded(from[0]), .. from[1..]];
        return writer.Reshape(writer.Moved(writer.Reshape(writer.Filled(w, from, to), to[0] / writer.Block, writer.Block, to[1], to[2], to[3]), 0, 2, 3, 4, 1), to);
    }
}
