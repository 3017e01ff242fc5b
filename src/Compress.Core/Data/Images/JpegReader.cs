using System.Buffers.Binary;

namespace Compress.Data.Images;

/// <summary>JPEG (ITU-T T.81): baseline, extended and progressive with Huffman codes, 8 bits, gray, YCbCr, RGB, CMYK or YCCK, any subsampling.</summary>
internal sealed class JpegReader(byte[] file)
{
    private const byte StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, QuantizationTables = 0xDB, HuffmanTables = 0xC4, RestartInterval = 0xDD, Adobe = 0xEE;

    private readonly ushort[]?[] quantization = new ushort[4][];
    private readonly JpegHuffman?[] dc = new JpegHuffman[4];
    private readonly JpegHuffman?[] ac = new JpegHuffman[4];
    private List<JpegComponent> components = [];
    private int width, height, unitColumns, unitRows, restartInterval, position = 2;
    private bool progressive, scanned;
    private int? adobeTransform;

    public static bool Fits(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, StartOfImage, 0xFF]);

    public (int Width, int Height) Size()
    {
        while (width == 0) Segment();
        return (width, height);
    }

    public Image Read()
    {
        while (Segment()) { }
        if (!scanned) throw new InvalidDataException("it holds no pixels");
        var planes = components.ConvertAll(component => JpegPlane.Of(component, quantization[component.Quantization] ?? throw new InvalidDataException("a quantization table is missing"), width, height));
        return JpegColours.Of(planes, width, height, [.. components.Select(component => component.Id)], adobeTransform);
    }

    /// <summary>Reads one marker and what belongs to it; false at the end of the image.</summary>
    private bool Segment()
    {
        var marker = NextMarker();
        if (marker == EndOfImage) return false;
        if (marker is StartOfImage or 0x01 or >= 0xD0 and <= 0xD7) return true; // these stand alone
        if (position + 2 > file.Length) throw new InvalidDataException("it ends early");
        var length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(position));
        if (length < 2 || position + length > file.Length) throw new InvalidDataException("it ends early");
        var data = file.AsSpan(position + 2, length - 2);
        position += length;
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2: Frame(data, isProgressive: marker == 0xC2); break;
            case HuffmanTables: ReadHuffman(data); break;
            case QuantizationTables: ReadQuantization(data); break;
            case RestartInterval: restartInterval = BinaryPrimitives.ReadUInt16BigEndian(Need(data, 2)); break;
            case StartOfScan: Scan(data); break;
            case Adobe when data.Length >= 12 && data.StartsWith("Adobe"u8): adobeTransform = data[11]; break;
            case >= 0xC3 and <= 0xCF: throw new InvalidDataException("it is lossless, hierarchical or arithmetic-coded JPEG");
        }
        return true;
    }

    private byte NextMarker()
    {
        // Fill bytes, and what a scan leaves behind, come before a marker.
        while (position + 1 < file.Length && (file[position] != 0xFF || file[position + 1] is 0 or 0xFF)) position++;
        if (position + 1 >= file.Length) throw new InvalidDataException("it ends early");
        position += 2;
        return file[position - 1];
    }

    private void Frame(ReadOnlySpan<byte> data, bool isProgressive)
    {
        if (components.Count > 0) throw new InvalidDataException("it has two frames");
        Need(data, 6);
        if (data[0] != 8) throw new InvalidDataException($"it has {data[0]} bits a sample, not 8");
        (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(data[1..]), BinaryPrimitives.ReadUInt16BigEndian(data[3..]));
        Image.CheckSize(width, height);
        progressive = isProgressive;
        var count = data[5];
        if (count is not (1 or 3 or 4)) throw new InvalidDataException($"it has {count} colour components");
        Need(data, 6 + 3 * count);
        for (var i = 0; i < count; i++)
        {
            var entry = data.Slice(6 + 3 * i, 3);
            var (horizontal, vertical) = (entry[1] >> 4, entry[1] & 15);
            if (horizontal is < 1 or > 4 || vertical is < 1 or > 4 || entry[2] > 3) throw new InvalidDataException("a colour component is invalid");
            components.Add(new(entry[0], horizontal, vertical, entry[2]));
        }
        // A lone component has no units of several blocks, whatever its factors say.
        if (count == 1) components = [new(components[0].Id, 1, 1, components[0].Quantization)];
        var (largestHorizontal, largestVertical) = (components.Max(component => component.Horizontal), components.Max(component => component.Vertical));
        unitColumns = (width + 8 * largestHorizontal - 1) / (8 * largestHorizontal);
        unitRows = (height + 8 * largestVertical - 1) / (8 * largestVertical);
        // A unit takes a bit at the very least: no memory for pixels that can't be there.
        if ((long)unitColumns * unitRows > 8L * file.Length) throw new InvalidDataException("it ends early");
    }

    private void Scan(ReadOnlySpan<byte> data)
    {
        if (components.Count == 0) throw new InvalidDataException("it has pixels before its header");
        var count = Need(data, 1)[0];
        Need(data, 4 + 2 * count);
        var chosen = new List<JpegComponent>();
        for (var i = 0; i < count; i++)
        {
            var id = data[1 + 2 * i];
            var tables = data[2 + 2 * i];
            var component = components.Find(component => component.Id == id) ?? throw new InvalidDataException("a scan names an unknown component");
            if ((tables >> 4) > 3 || (tables & 15) > 3 || chosen.Contains(component)) throw new InvalidDataException("a scan is invalid");
            (component.Dc, component.Ac, component.Predictor) = (dc[tables >> 4], ac[tables & 15], 0);
            if (component.Coefficients.Length == 0) component.Allocate(width, height, unitColumns, unitRows, components.Max(c => c.Horizontal), components.Max(c => c.Vertical));
            chosen.Add(component);
        }
        var (first, last, high, low) = progressive ? (data[1 + 2 * count], data[2 + 2 * count], data[3 + 2 * count] >> 4, data[3 + 2 * count] & 15) : (0, 63, 0, 0);
        if (count == 0 || last > 63 || first > last || low > 13 || (progressive && (first == 0 ? last > 0 : count > 1))) throw new InvalidDataException("a scan is invalid");
        var bits = new JpegBits(file, position);
        new JpegScan(bits, progressive, first, last, high, low).Read(chosen, unitColumns, unitRows, restartInterval);
        position = bits.Position;
        scanned = true;
    }

    private void ReadHuffman(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var (kind, number) = (data[0] >> 4, data[0] & 15);
            var counts = Need(data, 17).Slice(1, 16);
            var total = 0;
            foreach (var codes in counts) total += codes;
            if (kind > 1 || number > 3 || total > 256) throw new InvalidDataException("a Huffman table is invalid");
            (kind == 0 ? dc : ac)[number] = new(counts, Need(data, 17 + total).Slice(17, total).ToArray());
            data = data[(17 + total)..];
        }
    }

    private void ReadQuantization(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var (bytes, number) = ((data[0] >> 4) + 1, data[0] & 15);
            if (bytes > 2 || number > 3) throw new InvalidDataException("a quantization table is invalid");
            var steps = Need(data, 1 + 64 * bytes)[1..];
            var table = quantization[number] = new ushort[64];
            for (var k = 0; k < 64; k++) table[JpegScan.Zigzag[k]] = bytes == 1 ? steps[k] : BinaryPrimitives.ReadUInt16BigEndian(steps[(2 * k)..]);
            data = data[(1 + 64 * bytes)..];
        }
    }

    private static ReadOnlySpan<byte> Need(ReadOnlySpan<byte> data, int length) => data.Length >= length ? data : throw new InvalidDataException("a segment ends early");
}
