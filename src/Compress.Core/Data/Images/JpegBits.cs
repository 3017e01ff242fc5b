namespace Compress.Data.Images;

/// <summary>The bits of a JPEG scan, highest first. A zero byte after 0xFF is stuffing; anything else after it is a marker, where the bits end.</summary>
internal sealed class JpegBits(byte[] file, int position)
{
    private uint buffer;
    private int count;

    /// <summary>Zero bits that were put behind the last real one, so that a code can be looked up there.</summary>
    private int padding;

    /// <summary>Where the next marker is searched: never behind it.</summary>
    public int Position { get; private set; } = position;

    /// <summary>The next 16 bits, without moving.</summary>
    public int Peek16()
    {
        for (; count < 16; count += 8) buffer |= (uint)NextByte() << (24 - count);
        return (int)(buffer >> 16);
    }

    /// <exception cref="InvalidDataException">The scan ends before.</exception>
    public void Drop(int bits)
    {
        buffer <<= bits;
        count -= bits;
        if (count < padding) throw new InvalidDataException("its pixels end early");
    }

    /// <summary>An unsigned number of 0 to 16 bits.</summary>
    public int Take(int bits)
    {
        if (bits == 0) return 0;
        var value = Peek16() >> (16 - bits);
        Drop(bits);
        return value;
    }

    /// <summary>A signed number of 0 to 15 bits: values with a leading 0 are the negative ones (ITU-T T.81, F.2.2.1).</summary>
    public int TakeSigned(int bits)
    {
        var value = Take(bits);
        return bits > 0 && value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
    }

    /// <summary>Goes on behind a restart marker.</summary>
    public void Restart()
    {
        (buffer, count, padding) = (0, 0, 0);
        if (Position + 2 > file.Length || file[Position] != 0xFF || file[Position + 1] is < 0xD0 or > 0xD7) throw new InvalidDataException("a restart marker is missing");
        Position += 2;
    }

    private byte NextByte()
    {
        if (Position < file.Length && file[Position] != 0xFF) return file[Position++];
        if (Position + 1 < file.Length && file[Position + 1] == 0)
        {
            Position += 2;
            return 0xFF;
        }
        padding += 8;
        return 0;
    }
}
