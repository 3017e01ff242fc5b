namespace Compress.Data.Images;

/// <summary>A Huffman code: codes of one length are consecutive, shorter ones come first (ITU-T T.81, annex C).</summary>
internal sealed class JpegHuffman
{
    private const int LongestCode = 16;

    private readonly byte[] symbols;

    /// <summary>For each length the first number of 16 bits that begins with a longer code.</summary>
    private readonly int[] limits = new int[LongestCode + 1];

    /// <summary>For each length: place of its first symbol, less its first code.</summary>
    private readonly int[] offsets = new int[LongestCode + 1];

    /// <param name="counts">How many codes have 1, 2, … 16 bits.</param>
    public JpegHuffman(ReadOnlySpan<byte> counts, byte[] symbols)
    {
        this.symbols = symbols;
        var code = 0;
        var place = 0;
        for (var length = 1; length <= LongestCode; length++)
        {
            offsets[length] = place - code;
            code += counts[length - 1];
            place += counts[length - 1];
            if (code > 1 << length) throw new InvalidDataException("a Huffman table is invalid");
            limits[length] = code << (LongestCode - length);
            code <<= 1;
        }
    }

    public byte Decode(JpegBits bits)
    {
        var next = bits.Peek16();
        var length = 1;
        while (next >= limits[length])
            if (++length > LongestCode) throw new InvalidDataException("its pixels hold an unknown code");
        bits.Drop(length);
        return symbols[offsets[length] + (next >> (LongestCode - length))];
    }
}
