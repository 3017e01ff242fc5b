using Compress.Diagnostics;

namespace Compress.Data.Images;

/// <summary>
/// PNG and JPEG files, told apart by their first bytes. Orientation tags are not applied. The decoders are our own because the managed library that
/// was tried, StbImageSharp 2.30.16, does not come back from damaged files (the test of damage ran for minutes) and is up to 10 levels off
/// libjpeg-turbo at 4:2:2 colours; a library with native code has no place in the tool.
/// </summary>
internal static class ImageReader
{
    /// <summary>Bytes in which most files say their size.</summary>
    private const int Head = 1 << 16;

    private static readonly string[] Endings = [".png", ".jpg", ".jpeg"];

    public static bool IsImage(string file) => Endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="CompressionException">CMP3014 when the file is damaged or of another kind.</exception>
    public static Image Read(string file) => Decode(file, File.ReadAllBytes, bytes => PngReader.Fits(bytes) ? PngReader.Read(bytes) : new JpegReader(bytes).Read());

    /// <summary>Width and height, without decoding.</summary>
    /// <exception cref="CompressionException">CMP3014.</exception>
    public static (int Width, int Height) Size(string file)
    {
        try
        {
            return Decode(file, Beginning, Size);
        }
        catch (CompressionException)
        {
            return Decode(file, File.ReadAllBytes, Size); // a picture within may come first
        }
    }

    private static (int Width, int Height) Size(byte[] bytes) => PngReader.Fits(bytes) ? PngReader.Size(bytes) : new JpegReader(bytes).Size();

    private static byte[] Beginning(string file)
    {
        using var stream = File.OpenRead(file);
        var bytes = new byte[Math.Min(Head, stream.Length)];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static T Decode<T>(string file, Func<string, byte[]> read, Func<byte[], T> decode)
    {
        try
        {
            var bytes = read(file);
            return PngReader.Fits(bytes) || JpegReader.Fits(bytes) ? decode(bytes) : throw new InvalidDataException("it is neither PNG nor JPEG");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Codes.ImageUnreadable(file, e.Message.TrimEnd('.')).Error(e);
        }
    }
}
