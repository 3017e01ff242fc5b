using System.Text.RegularExpressions;

namespace Compress.Data;

/// <summary>
/// Results by the fingerprint of all that they depend on, shared by projects and processes. Each entry's name holds the hash of its
/// content, so a damaged one is a miss. Nothing here ever fails a build: what can't be read is a miss, what can't be written is not kept.
/// </summary>
public sealed partial class ResultCache(string folder, long limit = 4L << 30)
{
    /// <summary>Bytes since the folder was last brought down to its limit; the first entry of a run does so in any case.</summary>
    private long written = long.MaxValue / 2;

    /// <summary>A run may write so much of the limit before it is brought down again: a training keeps a state at every twentieth of its time.</summary>
    private const int Slack = 8;

    /// <summary>What stands for a folder where nothing is to be kept.</summary>
    public const string None = "none";

    /// <summary>The environment variable COMPRESS_CACHE, else one folder a user; the temporary folder where there is no home.</summary>
    public static string DefaultFolder { get; } = Environment.GetEnvironmentVariable("COMPRESS_CACHE") is { Length: > 0 } named ? named : Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } home ? home : Path.GetTempPath(),
        "Compress.Build", "cache");

    /// <summary>The bytes kept under <paramref name="key"/> (see <see cref="Fingerprint"/>), or null.</summary>
    public byte[]? Get(string key)
    {
        try
        {
            foreach (var file in Entries(key))
            {
                var bytes = File.ReadAllBytes(file);
                if (Path.GetFileName(file) != Name(key, bytes)) continue;
                Touch(file);
                return bytes;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        return null;
    }

    /// <summary>The least recently used is deleted first. A cache that is only to be read from is not touched.</summary>
    private static void Touch(string file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    public void Put(string key, byte[] bytes)
    {
        try
        {
            var shelf = Directory.CreateDirectory(Shelf(key)).FullName;
            var temporary = Path.Combine(shelf, $".{Path.GetRandomFileName()}.tmp");
            try
            {
                File.WriteAllBytes(temporary, bytes);
                File.Move(temporary, Path.Combine(shelf, Name(key, bytes)), overwrite: true);
            }
            catch
            {
                File.Delete(temporary); // a full disk is not filled further
                throw;
            }
            if (Interlocked.Add(ref written, bytes.Length) <= limit / Slack) return;
            Interlocked.Exchange(ref written, 0);
            Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private IEnumerable<string> Entries(string key) =>
        Directory.Exists(Shelf(key)) ? Directory.EnumerateFiles(Shelf(key), $"{key}-*").Order(StringComparer.Ordinal) : [];

    private string Shelf(string key) => Path.Combine(folder, key[..2]);

    private static string Name(string key, byte[] bytes) => $"{key}-{Fingerprint.Of(bytes)[..32]}";

    /// <summary>Down to the limit, the least recently used first. Whoever names a folder may keep other files there.</summary>
    private void Trim()
    {
        var shelves = new DirectoryInfo(folder).EnumerateDirectories().Where(shelf => ShelfName().IsMatch(shelf.Name));
        var files = shelves.SelectMany(shelf => shelf.EnumerateFiles()).Where(file => EntryName().IsMatch(file.Name)).OrderBy(file => file.LastWriteTimeUtc).ToList();
        var excess = files.Sum(file => file.Length) - limit;
        foreach (var file in files.TakeWhile(_ => excess > 0))
        {
            excess -= file.Length;
            file.Delete();
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{2}\z")]
    private static partial Regex ShelfName();

    /// <summary>See <see cref="Name"/>; the other is what a writer leaves that was killed.</summary>
    [GeneratedRegex(@"\A([0-9a-f]{64}-[0-9a-f]{32}|\.[a-z0-9]{8}\.[a-z0-9]{3}\.tmp)\z")]
    private static partial Regex EntryName();
}
