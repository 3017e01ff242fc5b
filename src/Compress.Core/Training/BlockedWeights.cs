namespace Compress.Training;

/// <summary>Weights as direct convolutions read them: [M, C, h, w] → [M/b, C/b, h, w, b of C, b of M], and with few input channels or one a group → [M/b, C, h, w, b of M].</summary>
internal sealed class BlockedWeights(BlockWriter writer)
{
    /// <param name="from">Dimensions of the weights.</param>
    /// <param name="channels">Of the input, with those that fill a block.</param>
    /// <param name="inBlocks">Whether the input is.</param>
    public string Of(string w, long[] from, long channels, bool inBlocks)
    {
        var block = writer.Block;
        long[] to = [writer.Padded(from[0]), channels, .. from[2..]];
        var filled = writer.Filled(w, from, to);
        long[] split = inBlocks ? [to[0] / block, block, to[1] / block, block, to[2], to[3]] : [to[0] / block, block, to[1], to[2], to[3]];
        long[] order = inBlocks ? [0, 2, 4, 5, 3, 1] : [0, 2, 3, 4, 1];
        return writer.Reshape(writer.Moved(writer.Reshape(filled, split), order), to);
    }

    /// <summary>Weights [C, 1, h, w], a channel a group, as those of blocks: what a value [1, C, h, w] becomes.</summary>
    public string OfChannels(string w, long[] from)
    {
        long[] to = [writer.Padded(from[0]), .. from[1..]];
        var filled = from[0] % 4 == 0 ? w : writer.Filled(w, from, to);
        return writer.Reshape(writer.InBlocks(writer.Reshape(filled, [1, -1, .. from[2..]])), to);
    }
}
