using System.Globalization;
using System.Text.RegularExpressions;
using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>
/// Tables of numbers: one sample a line; cells separated by comma, semicolon or tab; a header line or none. Columns named as the inputs
/// (<c>x</c>, or <c>x_0</c>, <c>x_1</c> … for several values) become their arrays; with other names, all columns but labels and targets are one array.
/// </summary>
internal static partial class Csv
{
    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var table = DataFile.Read(request.Path, "columns", () => CsvTable.Of(request.Path));
        if (table.Rows == 0) throw Codes.NoSamples(request.At, request.Path).Error();
        SampleArray Columns(string name, IEnumerable<int> columns) => new CsvArray(name, table, [.. columns]);

        var names = table.Names;
        var stems = Enumerable.Range(0, names.Count).ToLookup(column => Stem(names[column]));
        var exact = Enumerable.Range(0, names.Count).ToLookup(column => names[column]);
        var extras = exact.Concat(stems).Where(group => request.IsExtra(group.Key)).DistinctBy(group => group.Key).ToList();
        var byName = request.Inputs.Select(input => (input.Name, Columns: exact.Contains(input.Name) ? exact[input.Name] : stems[input.Name])).ToList();
        var inputs = byName.All(input => input.Columns.Any())
            ? byName.Select(input => Columns(input.Name, input.Columns))
            : [Columns("columns", Enumerable.Range(0, names.Count).Except(extras.SelectMany(group => group)))];
        return [.. inputs, .. extras.Select(group => Columns(group.Key, group))];
    }

    /// <summary>"x" of x_3, x.3, x[3] and x3.</summary>
    private static string Stem(string column) => StemPattern().Match(column) is { Success: true } match ? match.Groups["stem"].Value : column;

    [GeneratedRegex(@"^(?<stem>.+?)[_.\[]?\d+\]?$")]
    private static partial Regex StemPattern();
}

/// <summary>The outline of a CSV file: taken in one pass that keeps no cell.</summary>
internal sealed record CsvTable(string File, char Separator, IReadOnlyList<string> Names, bool HasHeader, int Rows)
{
    public static CsvTable Of(string file)
    {
        using var lines = new StreamReader(file);
        var first = NextLine(lines) ?? "";
        var separator = ",;\t".MaxBy(mark => first.Count(c => c == mark));
        var cells = Cells(first.TrimStart('#', ' '), separator);
        var isCounted = cells.Length > 1 && cells.Index().All(cell => cell.Item == cell.Index.ToString(CultureInfo.InvariantCulture)); // as pandas names columns that have no names
        var hasHeader = isCounted || cells.Any(cell => !TryNumber(cell, out _));
        var rows = hasHeader || first.Length == 0 ? 0 : 1;
        while (NextLine(lines) is not null) rows++;
        return new(file, separator, hasHeader && !isCounted ? cells : [.. cells.Select((_, column) => $"column {column + 1}")], hasHeader, rows);
    }

    /// <summary>The next line that is not blank.</summary>
    public static string? NextLine(TextReader lines)
    {
        while (lines.ReadLine() is { } line)
            if (!string.IsNullOrWhiteSpace(line)) return line;
        return null;
    }

    public static string[] Cells(string line, char separator) => Array.ConvertAll(line.Split(separator), cell => cell.Trim().Trim('"').Trim());

    public static bool TryNumber(ReadOnlySpan<char> cell, out double number) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
