namespace Compress.Runtime.Operators;

/// <summary>What <see cref="Winograd{T}"/> makes of some channels of a group of tiles: [product, block of channels, tile, channel of the block].</summary>
/// <param name="channels">With those that fill a block.</param>
internal readonly unsafe struct TileSide<T>(Piece piece, long channels, Tiling tiling) where T : struct, ILanes<T>
{
    private readonly float* first = Scratch.Of(piece, Tiling.Products * Apart(channels, tiling.Tiles)), room = Winograd<T>.Room();

    /// <summary>Floats from a product to the next.</summary>
    public long Product { get; } = Apart(channels, tiling.Tiles);

    /// <summary>Floats from a block of channels to the next.</summary>
    public long Block => tiling.Tiles * T.Count;

    public long Blocks => channels / T.Count;

    public float* At(long product, long block, long tile) => first + (product * Product) + (block * Block) + (tile * T.Count);

    /// <summary>Makes a row of tiles of all channels.</summary>
    /// <param name="from">What the first tile begins with.</param>
    /// <param name="plane">Floats from a block of channels to the next.</param>
    /// <param name="line">Floats from a line to the next.</param>
    /// <param name="row">Place of the row in the group.</param>
    public void Make<TTransform>(float* from, long plane, long line, long row) where TTransform : struct, ITileTransform
    {
        for (var block = 0L; block < Blocks; block++)
            for (var i = 0L; i < tiling.Across; i++)
                Winograd<T>.Both<TTransform>(from + (block * plane) + (i * Tiling.Side * T.Count), line, T.Count, At(0, block, (row * tiling.Across) + i), Tiling.Reach * Product, Product, room);
    }

    /// <summary>An odd number of vectors: with many an even one all products would lie in the same place of the cache.</summary>
    private static long Apart(long channels, long tiles) => ((channels / T.Count * tiles) | 1) * T.Count;
}
