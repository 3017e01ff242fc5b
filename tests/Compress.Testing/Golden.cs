namespace Compress.Testing;

/// <summary>Texts that are kept in the repository as they must come out.</summary>
public static class Golden
{
    /// <summary>Set to 1 to rewrite the files instead of comparing.</summary>
    public const string UpdateVariable = "COMPRESS_UPDATE_GOLDEN";

    /// <summary>Compares with the file, line endings aside.</summary>
    /// <exception cref="GoldenMismatchException">They differ; the message names the first line that does.</exception>
    public static void Check(string actual, params string[] file)
    {
        var path = Repository.PathTo(file);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (expected == actual) return;
        var (want, got) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(want.Length, got.Length)).First(i => want.ElementAtOrDefault(i) != got.ElementAtOrDefault(i));
        throw new GoldenMismatchException(
            $"{string.Join('/', file)} differs in line {line + 1}:\n  kept: {want.ElementAtOrDefault(line)}\n  now:  {got.ElementAtOrDefault(line)}\nIf the change is wanted, run the tests with {UpdateVariable}=1.");
    }
}

/// <summary>A text is not what its golden file says.</summary>
public sealed class GoldenMismatchException(string message) : Exception(message);
