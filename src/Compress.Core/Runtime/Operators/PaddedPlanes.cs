namespace Compress.Runtime.Operators;

/// <summary>
/// Planes of blocks of channels as a kernel reads them: on their grid, with the zeros around them that it reaches. So every offset of it meets every position of the output.
/// </summary>
/// <param name="image">H and W of a plane.</param>
/// <param name="reach">How high and wide the kernel reaches, zeros included; no more than the image where there are none.</param>
/// <param name="blocks">Planes at a time.</param>
/// <param name="count">Channels of a block.</param>
internal readonly unsafe ref struct PaddedPlanes((long H, long W) image, (long H, long W) begin, (long H, long W) reach, long blocks, int count, GridOnLoad grid)
{
    private readonly GridOnLoad grid = grid;

    private bool IsPadded => begin != (0, 0) || reach.H > image.H || reach.W > image.W;

    /// <summary>Whether planes are read as they lie.</summary>
    private bool IsPlain => !grid.IsThere && !IsPadded;

    private (long H, long W) Size => IsPadded ? reach : image;

    /// <summary>Floats from a row to the next.</summary>
    public long Row => Size.W * count;

    /// <summary>Floats from a plane to the next.</summary>
    public long Plane => Size.H * Row;

    /// <summary>Room for so many planes, zeros where pads are; null where planes are read as they lie.</summary>
    public float* Room(Piece piece)
    {
        if (IsPlain) return null;
        var room = Scratch.Of(piece, blocks * Plane);
        if (IsPadded) Span(room, blocks * Plane).Clear();
        return room;
    }

    /// <summary>Where the first offset of the kernel meets the first position of the output.</summary>
    /// <param name="from">The first plane.</param>
    /// <param name="room">What <see cref="Room"/> gave.</param>
    /// <param name="isFilled">It has been filled with these planes already.</param>
    public float* Fill(float* from, float* room, bool isFilled = false)
    {
        if (IsPlain) return from;
        if (isFilled) return room;
        if (!IsPadded)
        {
            grid.Put(Span(from, blocks * Plane), Span(room, blocks * Plane));
            return room;
        }
        long lines = Math.Min(image.H, reach.H - begin.H), floats = Math.Max(0, Math.Min(image.W, reach.W - begin.W)) * count;
        for (var block = 0L; block < blocks; block++)
            for (var line = 0L; line < lines; line++)
                grid.Put(Span(from + (((block * image.H) + line) * image.W * count), floats), Span(room + (block * Plane) + ((line + begin.H) * Row) + (begin.W * count), floats));
        return room;
    }

    private static Span<float> Span(float* first, long length) => new(first, checked((int)length));
}
