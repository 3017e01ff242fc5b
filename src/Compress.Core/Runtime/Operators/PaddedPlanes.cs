namespace Compress.Runtime.Operators;

/// <summary>
/// Planes of blocks of channels as a kernel reads them: on their grid, with the zeros around them that it reaches. So every offset of it meets every position of the output.
/// </summary>
/// <typeparam name="T">The lanes by which they are filled.</typeparam>
/// <param name="image">H and W of a plane.</param>
/// <param name="reach">How high and wide the kernel reaches, zeros included; no more than the image where there are none.</param>
/// <param name="blocks">Planes at a time.</param>
/// <param name="count">Channels of a block.</param>
internal readonly unsafe struct PaddedPlanes<T>(PlaneSource source, (long H, long W) image, (long H, long W) begin, (long H, long W) reach, long blocks, int count) where T : struct, ILanes<T>
{
    private bool IsPadded => begin != (0, 0) || reach.H > image.H || reach.W > image.W;

    /// <summary>Whether planes are read as they lie.</summary>
    private bool IsPlain => !source.IsOnGrid && !IsPadded;

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
        if (IsPadded) new Span<float>(room, checked((int)(blocks * Plane))).Clear();
        return room;
    }

    /// <summary>Where the first offset of the kernel meets the first position of the output.</summary>
    /// <param name="first">The place of the first plane.</param>
    /// <param name="room">What <see cref="Room"/> gave.</param>
    /// <param name="isFilled">It has been filled with these planes already.</param>
    public float* Fill(long first, float* room, bool isFilled = false)
    {
        if (IsPlain) return source.At(first);
        if (isFilled) return room;
        if (!IsPadded)
        {
            source.Put<T>(first, blocks * Plane, room);
            return room;
        }
        long lines = Math.Min(image.H, reach.H - begin.H), floats = Math.Max(0, Math.Min(image.W, reach.W - begin.W)) * count;
        for (var block = 0L; block < blocks; block++)
            for (var line = 0L; line < lines; line++)
                source.Put<T>(first + (((block * image.H) + line) * image.W * count), floats, room + (block * Plane) + ((line + begin.H) * Row) + (begin.W * count));
        return room;
    }
}
