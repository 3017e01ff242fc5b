using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>Failures of reading as coded errors: the reader itself lets them fly.</summary>
internal static class DataFile
{
    /// <param name="array">The array that is read, for the message.</param>
    /// <exception cref="CompressionException">CMP3004 when the file ends early, CMP3003 when it can't be read at all.</exception>
    public static T Read<T>(string file, string array, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            throw Codes.DataTruncated(file, array).Error(e);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw Codes.DataUnreadable(file, e.Message, isDenied: e is UnauthorizedAccessException).Error(e);
        }
    }
}
