using System.Text.Encodings.Web;
using System.Text.Json;

namespace Compress.Bench;

/// <summary>What was measured of a row: one line of results.jsonl.</summary>
/// <param name="Figures">
/// kb (thousand bytes), size, macs and bops (times less than float), seconds, each measure under its name with NAME.float and NAME.drop (how much worse),
/// for each batch size N msN.float, ms N and xN (times faster).
/// </param>
internal sealed record RowResult(string Row, int Samples, SortedDictionary<string, double> Figures, string? Error = null)
{
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Path => Repository.Results("results.jsonl");

    public void Append()
    {
        Directory.CreateDirectory(Repository.Results());
        File.AppendAllText(Path, JsonSerializer.Serialize(this, Format) + "\n");
    }

    /// <summary>The latest of each row.</summary>
    public static IReadOnlyDictionary<string, RowResult> Latest()
    {
        var lines = File.Exists(Path) ? File.ReadAllLines(Path) : [];
        return lines.Select(line => JsonSerializer.Deserialize<RowResult>(line, Format)!).GroupBy(result => result.Row).ToDictionary(group => group.Key, group => group.Last());
    }
}
