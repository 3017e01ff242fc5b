using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Compress.Data.Images;

/// <summary>PNG (ISO/IEC 15948): every colour type and bit depth, interlaced or not. 16-bit samples keep their upper byte; gamma and transparency chunks are not applied.</summary>
internal static class PngReader
{
    /// <summary>Samples a pixel, and the channels of the picture it becomes.</summary>
    private static readonly Dictionary<int, (int Samples, int Channels, int[] Depths)> ColourTypes = new()
    {
        [0] = (1, 1, [1, 2, 4, 8, 16]),
        [2] = (3, 3, [8, 16]),
        [3] = (1, 3, [1, 2, 4, 8]),
        [4] = (2, 2, [8, 16]),
        [6] = (4, 4, [8, 16]),
    };

    /// <summary>First column and row, and the steps between columns and rows, of each pass.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Plain = [(0, 0, 1, 1)];

    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private sealed record Header(int Width, int Height, int Depth, int ColourType, bool Interlaced)
    {
        public int Samples => ColourTypes[ColourType].Samples;

        public int Channels => ColourTypes[ColourType].Channels;

        public int BitsPerPixel => Samples * Depth;
    }

    public static bool Fits(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    public static (int Width, int Height) Size(byte[] file)
    {
        var at = Signature.Length;
        var data = Chunk(file, ref at, out var type);
        if (type != "IHDR") throw new InvalidDataException("it does not begin with its header");
        var header = ReadHeader(data);
        return (header.Width, header.Height);
    }

    public static Image Read(byte[] file)
    {
        Header? header = null;
        byte[] palette = [];
        using var compressed = new MemoryStream();
        for (var at = Signature.Length; ;)
        {
            var data = Chunk(file, ref at, out var type);
            if (type == "IEND") break;
            if (type == "IHDR") header = ReadHeader(data);
            else if (header is null) throw new InvalidDataException("it does not begin with its header");
            else if (type == "PLTE") palette = data.ToArray();
            else if (type == "IDAT") compressed.Write(data);
            else if (char.IsUpper(type[0])) throw new InvalidDataException($"it needs the unknown extension '{type}'");
        }
        if (header is null) throw new InvalidDataException("it has no header");
        compressed.Position = 0;
        using var lines = new ZLibStream(compressed, CompressionMode.Decompress);
        return Pixels(header, palette, lines);
    }

    /// <summary>The content of the chunk at a place, which moves to the next chunk.</summary>
    private static ReadOnlySpan<byte> Chunk(byte[] file, ref int at, out string type)
    {
        if (file.Length - at < 12) throw new InvalidDataException("it ends early");
        var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
        if (length > file.Length - at - 12) throw new InvalidDataException("it ends early");
        var body = file.AsSpan(at + 4, 4 + (int)length);
        if (Crc32.Of(body) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length))) throw new InvalidDataException("a checksum is wrong");
        at += 12 + (int)length;
        type = Encoding.Latin1.GetString(body[..4]);
        return body[4..];
    }

    private static Header ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length != 13) throw new InvalidDataException("its header has a wrong length");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        Image.CheckSize(width, height);
        if (!ColourTypes.TryGetValue(data[9], out var colour) || !colour.Depths.Contains(data[8]) || data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw new InvalidDataException($"its header is invalid (colour type {data[9]}, {data[8]} bits)");
        return new((int)width, (int)height, data[8], data[9], data[12] == 1);
    }

    private static Image Pixels(Header header, byte[] palette, Stream lines)
    {
        var pixels = new byte[header.Width * header.Height * header.Channels];
        foreach (var (x, y, stepX, stepY) in header.Interlaced ? Adam7 : Plain)
        {
            var width = (header.Width - x + stepX - 1) / stepX;
            if (width < 1) continue;
            var lineBytes = (width * header.BitsPerPixel + 7) / 8;
            var (above, line) = (new byte[lineBytes], new byte[lineBytes]);
            for (var row = y; row < header.Height; row += stepY)
            {
                ReadLine(lines, line, above, Math.Max(1, header.BitsPerPixel / 8));
                for (var i = 0; i < width; i++) Pixel(header, palette, line, i, pixels.AsSpan((row * header.Width + x + i * stepX) * header.Channels, header.Channels));
                (above, line) = (line, above);
            }
        }
        return new(header.Width, header.Height, header.Channels, pixels);
    }

    /// <summary>One line with its filter undone: each byte is told as the difference from its neighbours left, above, and left above.</summary>
    private static void ReadLine(Stream lines, byte[] line, byte[] above, int pixelBytes)
    {
        var filter = lines.ReadByte();
        if (filter < 0 || lines.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) < line.Length) throw new InvalidDataException("its pixels end early");
        if (filter > 4) throw new InvalidDataException($"a line has the unknown filter {filter}");
        for (var i = 0; i < line.Length; i++)
        {
            var left = i >= pixelBytes ? line[i - pixelBytes] : 0;
            var corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            line[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => 0,
            });
        }
    }

    /// <summary>The neighbour nearest to left + above − corner; on a tie left before above before corner.</summary>
    private static int Paeth(int left, int above, int corner)
    {
        var (byLeft, byAbove, byCorner) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return byLeft <= byAbove && byLeft <= byCorner ? left : byAbove <= byCorner ? above : corner;
    }

    private static void Pixel(Header header, byte[] palette, byte[] line, int index, Span<byte> pixel)
    {
        if (header.ColourType == 3)
        {
            var entry = 3 * Sample(line, index, header.Depth);
            if (entry + 3 > palette.Length) throw new InvalidDataException("a pixel is not in the palette");
            palette.AsSpan(entry, 3).CopyTo(pixel);
            return;
        }
        for (var i = 0; i < pixel.Length; i++)
        {
            var sample = Sample(line, index * header.Samples + i, header.Depth);
            pixel[i] = (byte)(header.Depth < 8 ? sample * 255 / ((1 << header.Depth) - 1) : sample);
        }
    }

    /// <summary>Sample <paramref name="index"/> of a line; of 16 bits the upper 8.</summary>
    private static int Sample(byte[] line, int index, int depth) => depth switch
    {
        8 => line[index],
        16 => line[2 * index],
        _ => line[index * depth / 8] >> (8 - depth - index * depth % 8) & ((1 << depth) - 1),
    };
}
