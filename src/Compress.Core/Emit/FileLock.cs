using Compress.Data;
using Compress.Diagnostics;

namespace Compress.Emit;

/// <summary>
/// One writer of a file at a time, among threads and processes of this user. The mark lies in the temporary folder, not beside the file,
/// and the system releases it when a process dies.
/// </summary>
internal static class FileLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="CompressionException">CMP8001 when another process holds it for a minute.</exception>
    public static IDisposable Take(string path)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"Compress.Build-{Environment.UserName}");
        var mark = Path.Combine(folder, Fingerprint.Of(Path.GetFullPath(path))[..32]);
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                Directory.CreateDirectory(folder);
                return new FileStream(mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (DateTime.UtcNow > deadline) throw Codes.CannotWrite(path, "another build holds it: " + e.Message).Error(e);
                Thread.Sleep(10);
            }
        }
    }
}
