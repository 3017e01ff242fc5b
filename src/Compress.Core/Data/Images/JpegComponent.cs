namespace Compress.Data.Images;

/// <summary>One colour component of a JPEG picture: its share of the pixels, and the coefficients of its blocks of 8×8.</summary>
internal sealed class JpegComponent(byte id, int horizontal, int vertical, int quantization)
{
    public byte Id => id;

    /// <summary>Blocks side by side in one unit of an interleaved scan.</summary>
    public int Horizontal => horizontal;

    public int Vertical => vertical;

    /// <summary>Number of the table of quantization steps.</summary>
    public int Quantization => quantization;

    /// <summary>Size in samples, without padding.</summary>
    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Blocks in a row, padded to whole units.</summary>
    public int BlockColumns { get; private set; }

    /// <summary>64 a block, row by row, each block in the order of its frequencies' rows.</summary>
    public short[] Coefficients { get; private set; } = [];

    /// <summary>The last block's mean in this scan, from which the next differs.</summary>
    public int Predictor { get; set; }

    public JpegHuffman? Dc { get; set; }

    public JpegHuffman? Ac { get; set; }

    public void Allocate(int width, int height, int unitColumns, int unitRows, int largestHorizontal, int largestVertical)
    {
        Width = (width * horizontal + largestHorizontal - 1) / largestHorizontal;
        Height = (height * vertical + largestVertical - 1) / largestVertical;
        BlockColumns = unitColumns * horizontal;
        Coefficients = new short[BlockColumns * unitRows * vertical * 64];
    }

    public Span<short> Block(int row, int column) => Coefficients.AsSpan((row * BlockColumns + column) * 64, 64);
}
