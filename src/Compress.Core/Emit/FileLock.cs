using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;

namespace Compress.Emit;

/// <summary>
/// One writer of a file, or one search, at a time, among threads and processes of this user. The mark lies in the temporary folder, not beside the file, and
/// the system releases it when a process dies.
/// </summary>
internal static class FileLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>That another has the file: EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.</summary>
    private static readonly int[] InUse = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Waits for whoever writes the file. Where there is no place for marks nobody waits for anybody.</summary>
    /// <exception cref="CompressionException">CMP8001 when another process holds it for a minute.</exception>
    public static IDisposable? Take(string path)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return Open(Path.GetFullPath(path));
            }
            catch (IOException e) when (InUse.Contains(e.HResult))
            {
                if (DateTime.UtcNow > deadline) throw Codes.CannotWrite(path, "another build holds it: " + e.Message).Error(e);
                Thread.Sleep(10);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Waits for as long as another holds it, or not at all where there is no place for marks.</summary>
    /// <param name="what">What only one is to do at a time.</param>
    /// <param name="waits">Called once, if there is a wait.</param>
    /// <param name="endless">What is wrong when a process that waits for this one holds it.</param>
    /// <exception cref="CompressionException"><paramref name="endless"/>.</exception>
    public static IDisposable? Wait(string what, Action waits, Diagnostic endless, CancellationToken cancellation)
    {
        var name = Name(what);
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return Turns.Hold(name, Open(what));
            }
            catch (IOException e) when (InUse.Contains(e.HResult))
            {
                if (Turns.IsAround(name)) throw endless.Error(e);
                if (isFirst) waits();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
            cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static FileStream Open(string what)
    {
        var mark = Mark(what);
        Directory.CreateDirectory(Path.GetDirectoryName(mark)!);
        return new FileStream(mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    private static string Mark(string what) => Path.Combine(Path.GetTempPath(), $"Compress.Build-{Environment.UserName}", Name(what));

    private static string Name(string what) => Fingerprint.Of(what)[..32];
}
