using System.Diagnostics;
using System.Globalization;
using Compress.Policy;

namespace Compress.Bench;

/// <summary>Every method under the same budgets: what is left of the metric, and whether `auto` is at least as good as each of them.</summary>
internal static class MethodsVerb
{
    private const string Reference = "auto";

    /// <summary>How much better than `auto` a method is, and the standard error of that, sample by sample.</summary>
    private const string Ahead = "ahead", AheadError = "ahead.error";

    /// <summary>All that work without training.</summary>
    private static readonly IReadOnlyList<string> Compared = [.. PolicyKeys.Methods.Words.Where(method => method != "djpq")];

    /// <summary>The quick ones first.</summary>
    private static readonly (string Model, string Budget)[] Cases =
    [
        ("pendulum", "size: 8x"), ("lenet5", "size: 35x"), ("lenet5", "bops: 120x"), ("resnet20", "bops: 64x"), ("resnet20", "size: 15x"),
        ("mobilenetv2", "size: 8x"), ("detector", "size: 8x"), ("denoiser", "size: 10x"), ("resnet56", "size: 14x"), ("resnet56", "bops: 64x"),
    ];

    public static string Run(Assets assets, string[] only, TimeSpan limit)
    {
        var (clock, measured, skipped) = (Stopwatch.StartNew(), new List<string>(), new List<string>());
        foreach (var (model, budget) in Cases)
        {
            var rows = Compared.Select(method => Row(model, method, budget)).Where(row => row.Matches(only)).ToList();
            if (rows.Count == 0) continue;
            if (rows[0].Missing(assets) is { } file) skipped.Add($"- {model} {budget}: skipped, needs {Path.GetRelativePath(assets.Folder, file)} in the folder that --assets names\n");
            else if (clock.Elapsed > limit) skipped.Add($"- {model} {budget}: skipped, the time was up\n");
            else foreach (var row in rows) measured.Add(Measure(row, Row(model, Reference, budget), assets));
        }
        return Table(measured.Contains) + string.Concat(skipped.Prepend(skipped.Count > 0 ? "\n" : ""));
    }

    /// <summary>The table of what was measured so far.</summary>
    public static string Report(string[] only) => Table(name => only.Length == 0 || only.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)));

    private static string Table(Func<string, bool> shown)
    {
        var latest = RowResult.Latest();
        string[] header = ["model and budget", "metric, float", .. Compared, "auto at least as good"];
        return Markdown.Table(header, Cases
            .Select(one => (one.Model, one.Budget, Of: Compared.Select(method => (Method: method, Row: Row(one.Model, method, one.Budget))).Where(entry => shown(entry.Row.Name) && latest.ContainsKey(entry.Row.Name)).ToDictionary(entry => entry.Method, entry => (entry.Row, latest[entry.Row.Name]))))
            .Where(one => one.Of.Count > 0).Select(one => Cells(one.Model, one.Budget, one.Of)));
    }

    private static Row Row(string model, string method, string budget) =>
        new($"{model} {method} {budget.Replace(": ", " ÷ ", StringComparison.Ordinal).TrimEnd('x')}", $"method: {method}\nbudget: {{ {budget} }}", $"{budget.Replace(": ", " >= ", StringComparison.Ordinal).TrimEnd('x')}");

    /// <param name="own">The row of `auto` under the same budget, which is measured first.</param>
    private static string Measure(Row row, Row own, Assets assets)
    {
        var result = RowRun.Run(row, assets);
        if (row != own && result.Error is null && File.Exists(RowRun.ModelFile(own)))
            (result.Figures[Ahead], result.Figures[AheadError]) = RowRun.Ahead(row, own, assets) is var ahead ? (ahead.Value, ahead.StandardError) : default;
        result.Append();
        Console.Error.WriteLine($"{row.Name}: {result.Error ?? Markdown.Metric(result.Figures[row.Model.Measures[0].Name])}");
        return row.Name;
    }

    private static string[] Cells(string model, string budget, Dictionary<string, (Row Row, RowResult Result)> of)
    {
        var measure = BenchModel.Of(model).Measures[0].Name;
        var floats = of.Values.Select(entry => entry.Result).FirstOrDefault(result => result.Error is null)?.Figures[measure + ".float"];
        return
        [
            $"{model}, {budget}", floats is { } value ? $"{measure} {Markdown.Metric(value)}" : "",
            .. Compared.Select(method => of.TryGetValue(method, out var entry) ? Cell(measure, entry.Row, entry.Result) : ""),
            AsGood(measure, of),
        ];
    }

    private static string Cell(string measure, Row row, RowResult result)
    {
        if (result.Error is { } error) return error;
        var text = Markdown.Metric(result.Figures[measure]);
        return Missed(row, result) is { } figure ? $"{text}, budget missed: {Markdown.Number(result.Figures[figure])}" : text;
    }

    private static string Error(RowResult result) => result.Figures.TryGetValue(AheadError, out var error) ? $" ± {Markdown.Number(error)}" : "";

    private static string? Missed(Row row, RowResult result) => Target.Parse(row.Target).FirstOrDefault(target => !target.IsMet(result.Figures))?.Figure;

    /// <summary>Of the methods that keep the budget; figures are compared as they are printed.</summary>
    private static string AsGood(string measure, Dictionary<string, (Row Row, RowResult Result)> of)
    {
        if (!of.TryGetValue(Reference, out var own) || own.Result.Error is not null) return "";
        double Shown(RowResult result) => double.Parse(Markdown.Metric(result.Figures[measure]), CultureInfo.InvariantCulture);
        var better = of.Where(entry => entry.Key != Reference && entry.Value.Result.Error is null && Missed(entry.Value.Row, entry.Value.Result) is null && Shown(entry.Value.Result) > Shown(own.Result)).ToList();
        if (better.Count == 0) return "yes";
        var isWithin = better.TrueForAll(entry => entry.Value.Result.Figures.TryGetValue(AheadError, out var error) && entry.Value.Result.Figures[Ahead] <= error);
        return $"{(isWithin ? "within the standard error" : "no")}: {string.Join(", ", better.Select(entry => $"{entry.Key} by {Markdown.Metric(Shown(entry.Value.Result) - Shown(own.Result))}{Error(entry.Value.Result)}"))}";
    }
}
