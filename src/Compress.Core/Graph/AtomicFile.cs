using System.Text;
using Compress.Diagnostics;

namespace Compress.Graph;

/// <summary>Files that are there whole or not at all: written under another name in the same folder, then renamed.</summary>
public static class AtomicFile
{
    private const int Attempts = 5;

    /// <summary>Puts the bytes in place. When the file has them already only its time changes, so that a build sees it as new.</summary>
    /// <exception cref="CompressionException">CMP8001 when the folder or file can't be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (Holds(path, bytes))
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return;
            }
            var copy = bytes.ToArray();
            Replace(path, stream => stream.Write(copy));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.CannotWrite(path, e.Message).Error(e);
        }
    }

    /// <summary>Puts in place what <paramref name="write"/> writes, which may be larger than memory holds.</summary>
    /// <exception cref="CompressionException">CMP8001 when the folder or file can't be written.</exception>
    public static void Write(string path, Action<Stream> write) => Change(path, file => Replace(file, write));

    /// <summary>The same for text, as UTF-8 without a byte order mark.</summary>
    /// <exception cref="CompressionException">CMP8001 when the folder or file can't be written.</exception>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes a file away, or says when it was written last, with the same error.</summary>
    /// <exception cref="CompressionException">CMP8001</exception>
    public static void Change(string path, Action<string> change)
    {
        try
        {
            change(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.CannotWrite(path, e.Message).Error(e);
        }
    }

    /// <summary>A device such as /dev/null is no place: the new file would be there instead. To be asked before anything is taken out of the place.</summary>
    /// <exception cref="CompressionException">CMP8001</exception>
    public static void CheckPlace(string path)
    {
        var full = Path.GetFullPath(path);
        if (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal)) throw Codes.CannotWrite(path, "It would take the place of a device.").Error();
    }

    private static bool Holds(string path, ReadOnlySpan<byte> bytes)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length == bytes.Length && bytes.SequenceEqual(File.ReadAllBytes(path));
    }

    private static void Replace(string path, Action<Stream> write)
    {
        CheckPlace(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write)) write(stream);
            Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>On Windows a virus scanner or an indexer may hold either file for a moment.</summary>
    private static void Rename(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(from, to, overwrite: true);
                return;
            }
            catch (Exception e) when (attempt < Attempts && e is (IOException or UnauthorizedAccessException))
            {
                Thread.Sleep(20 << attempt);
            }
        }
    }
}
