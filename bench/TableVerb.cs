using System.Diagnostics;
using System.Globalization;

namespace Compress.Bench;

/// <summary>Runs rows, and prints what was measured.</summary>
internal static class TableVerb
{
    private static readonly string[] Header =
        ["model and aim", "policy", "KB", "size ÷", "metric: float → compressed", "BOPs ÷", "MACs ÷", "ms, one: float → compressed", "ms, batch", "s", "target", ""];

    public static string Run(Assets assets, string[] only, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var (measured, skipped) = (new List<Row>(), new List<string>());
        foreach (var row in Rows.All.Where(row => row.Matches(only)))
        {
            if (row.Missing(assets) is { } file) skipped.Add($"- {row.Name}: skipped, needs {Path.GetRelativePath(assets.Folder, file)} in the folder that --assets names\n");
            else if (clock.Elapsed > limit) skipped.Add($"- {row.Name}: skipped, the time was up\n");
            else
            {
                var result = RowRun.Run(row, assets);
                result.Append();
                measured.Add(row);
                Console.Error.WriteLine($"{row.Name}: {result.Error ?? Verdict(row, result)} ({clock.Elapsed.TotalSeconds:0} s)");
            }
        }
        return Table(measured) + string.Concat(skipped.Prepend(skipped.Count > 0 ? "\n" : ""));
    }

    public static string Report(string[] only) => Table(Rows.All.Where(row => row.Matches(only)));

    private static string Table(IEnumerable<Row> rows)
    {
        var results = RowResult.Latest();
        return Markdown.Table(Header, rows.Where(row => results.ContainsKey(row.Name)).Select(row => Cells(row, results[row.Name])));
    }

    private static string[] Cells(Row row, RowResult result)
    {
        var policy = $"`{row.Policy.ReplaceLineEndings("; ")}`";
        var targets = string.Join(", ", Target.Parse(row.Target));
        if (result.Error is { } error) return [row.Name, policy, "", "", error, "", "", "", "", "", targets, "failed"];
        var (figures, measures) = (result.Figures, row.Model.Measures);
        var metrics = string.Join(", ", measures.Select(measure => $"{measure.Name} {Markdown.Metric(figures[measure.Name + ".float"])} → {Markdown.Metric(figures[measure.Name])}"));
        return
        [
            row.Name, policy, Number("kb"), Number("size"), $"{metrics} ({measures[0].Over ?? $"{result.Samples:#,0} samples"})", Number("bops"), Number("macs"),
            Times(row.Model.Batches[0]), row.Model.Batches.Length > 1 ? $"{row.Model.Batches[1]}: {Times(row.Model.Batches[1])}" : "",
            figures["seconds"].ToString("0", CultureInfo.InvariantCulture), targets, Verdict(row, result),
        ];

        string Number(string figure) => Markdown.Number(figures[figure]);
        string Times(int batch) => $"{Number($"ms{batch}.float")} → {Number($"ms{batch}")} (÷ {figures[$"x{batch}"]:0.00})";
    }

    private static string Verdict(Row row, RowResult result)
    {
        if (row.Target.Length == 0) return "";
        var missed = Target.Parse(row.Target).Where(target => !target.IsMet(result.Figures)).ToList();
        return missed.Count == 0 ? "met" : $"missed: {string.Join(", ", missed.Select(target => $"{target.Figure} {(result.Figures.TryGetValue(target.Figure, out var value) ? Markdown.Number(value) : "unknown")}"))}";
    }
}
