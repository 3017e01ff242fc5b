namespace Compress.Data.Images;

/// <summary>
/// One scan of a JPEG picture (ITU-T T.81, annexes F and G): sequential, or one step of a progressive picture – some frequencies
/// (<paramref name="first"/> to <paramref name="last"/>), for the first time or one bit (<paramref name="low"/>) finer.
/// </summary>
internal sealed class JpegScan(JpegBits bits, bool progressive, int first, int last, int high, int low)
{
    /// <summary>Place in a block of each frequency in the order of the file, a zigzag from the corner.</summary>
    public static readonly byte[] Zigzag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Blocks that are known to hold nothing more in this scan.</summary>
    private int emptyBlocks;

    public void Read(IReadOnlyList<JpegComponent> components, int unitColumns, int unitRows, int restartInterval)
    {
        // A scan of one component has no padding: its units are the blocks that hold samples.
        var only = components.Count == 1 ? components[0] : null;
        if (only is not null) (unitColumns, unitRows) = ((only.Width + 7) / 8, (only.Height + 7) / 8);
        for (var unit = 0; unit < unitColumns * unitRows; unit++)
        {
            if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0) Restart(components);
            var (row, column) = (unit / unitColumns, unit % unitColumns);
            if (only is not null) ReadBlock(only, only.Block(row, column));
            else
                foreach (var component in components)
                    for (var y = 0; y < component.Vertical; y++)
                        for (var x = 0; x < component.Horizontal; x++)
                            ReadBlock(component, component.Block(row * component.Vertical + y, column * component.Horizontal + x));
        }
    }

    private void Restart(IReadOnlyList<JpegComponent> components)
    {
        bits.Restart();
        emptyBlocks = 0;
        foreach (var component in components) component.Predictor = 0;
    }

    private void ReadBlock(JpegComponent component, Span<short> block)
    {
        if (!progressive)
        {
            ReadMean(component, block);
            ReadFrequencies(component, block, 1);
        }
        else if (first > 0)
        {
            if (high == 0) ReadFrequencies(component, block, first);
            else RefineFrequencies(component, block);
        }
        else if (high == 0) ReadMean(component, block);
        else block[0] |= (short)(bits.Take(1) << low);
    }

    private void ReadMean(JpegComponent component, Span<short> block)
    {
        var size = Table(component.Dc).Decode(bits);
        if (size > 15) throw new InvalidDataException("its pixels hold an invalid number");
        component.Predictor += bits.TakeSigned(size);
        block[0] = (short)(component.Predictor << low);
    }

    private void ReadFrequencies(JpegComponent component, Span<short> block, int from)
    {
        if (emptyBlocks > 0)
        {
            emptyBlocks--;
            return;
        }
        for (var k = from; k <= last; k++)
        {
            var (zeros, size) = RunAndSize(component);
            if (size == 0 && zeros < 15)
            {
                emptyBlocks = EmptyBlocks(zeros) - 1;
                return;
            }
            k += zeros;
            if (k > last) throw new InvalidDataException("a block has too many values");
            if (size > 0) block[Zigzag[k]] = (short)(bits.TakeSigned(size) << low);
        }
    }

    /// <summary>Gives values known so far one more bit, and brings in new ones of that bit's size.</summary>
    private void RefineFrequencies(JpegComponent component, Span<short> block)
    {
        var k = first;
        while (emptyBlocks == 0 && k <= last)
        {
            var (zeros, size) = RunAndSize(component);
            if (size == 0 && zeros < 15)
            {
                emptyBlocks = EmptyBlocks(zeros);
                break;
            }
            if (size > 1) throw new InvalidDataException("its pixels hold an invalid number");
            var value = size == 0 ? 0 : bits.Take(1) == 1 ? 1 << low : -1 << low;
            for (; k <= last; k++)
            {
                if (block[Zigzag[k]] != 0) Refine(ref block[Zigzag[k]]);
                else if (zeros-- == 0) break;
            }
            if (k > last && size > 0) throw new InvalidDataException("a block has too many values");
            if (k <= last) block[Zigzag[k++]] = (short)value;
        }
        if (emptyBlocks == 0) return;
        for (; k <= last; k++)
            if (block[Zigzag[k]] != 0) Refine(ref block[Zigzag[k]]);
        emptyBlocks--;
    }

    private void Refine(ref short value)
    {
        var bit = 1 << low;
        if (bits.Take(1) == 1 && (value & bit) == 0) value += (short)(value > 0 ? bit : -bit);
    }

    private (int Zeros, int Size) RunAndSize(JpegComponent component)
    {
        var symbol = Table(component.Ac).Decode(bits);
        return (symbol >> 4, symbol & 15);
    }

    /// <summary>How many blocks end here: this one, or a run of them in a progressive picture.</summary>
    private int EmptyBlocks(int exponent) => progressive ? (1 << exponent) + bits.Take(exponent) : 1;

    private static JpegHuffman Table(JpegHuffman? table) => table ?? throw new InvalidDataException("a Huffman table is missing");
}
