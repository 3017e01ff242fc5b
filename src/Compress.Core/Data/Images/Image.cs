namespace Compress.Data.Images;

/// <summary>A decoded picture: 8 bits a sample, row by row, the channels of a pixel side by side. 1 channel is gray, 2 gray and alpha, 3 RGB, 4 RGBA.</summary>
internal sealed record Image(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>Bounds the memory that a damaged header can ask for.</summary>
    private const long LargestPixelCount = 1 << 27;

    /// <exception cref="InvalidDataException">A size of zero, or one beyond all reason.</exception>
    public static void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1) throw new InvalidDataException("its size is zero");
        if (width * height > LargestPixelCount) throw new InvalidDataException($"its size {width}x{height} is beyond {LargestPixelCount} pixels");
    }

    /// <summary>The picture as gray (1), RGB (3) or RGBA (4). Colours become gray by ITU-R BT.601 luma; alpha is dropped, as it is by most training code.</summary>
    public Image ToChannels(int channels)
    {
        if (channels == Channels) return this;
        var result = new byte[Width * Height * channels];
        for (int from = 0, to = 0; to < result.Length; from += Channels, to += channels) Convert(Pixels.AsSpan(from, Channels), result.AsSpan(to, channels));
        return new(Width, Height, channels, result);
    }

    private static void Convert(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var isGray = from.Length <= 2;
        if (to.Length == 1)
        {
            // 0.299, 0.587 and 0.114 in 1/65536.
            to[0] = isGray ? from[0] : (byte)((from[0] * 19595 + from[1] * 38470 + from[2] * 7471 + 0x8000) >> 16);
            return;
        }
        for (var i = 0; i < 3; i++) to[i] = isGray ? from[0] : from[i];
        if (to.Length == 4) to[3] = isGray && from.Length == 2 ? from[1] : byte.MaxValue;
    }
}
