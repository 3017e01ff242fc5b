using System.Globalization;
using System.Net;
using System.Text;

namespace Compress.Emit;

/// <summary>The report as one HTML page that needs nothing else: the figures on top, then what became of each layer.</summary>
public static class ReportHtml
{
    private const string Style = """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --good: #2a8a4a; --bad: #c0392b; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; } p { margin: .2rem 0; opacity: .75; }
        .figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0; }
        .figure { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 9rem; }
        .figure b { display: block; font-size: 1.6rem; } .figure span { opacity: .7; font-size: .85rem; }
        .passed b { color: var(--good); } .missed b { color: var(--bad); }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } td.r { opacity: .75; }
        """;

    public static string Write(Report report)
    {
        var page = new StringBuilder();
        page.Append($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{Text(report.Model)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        page.Append($"<h1>{Text(report.Model)}</h1>\n<p>method {Text(report.Method)}, target {Text(report.Target)}</p>\n<div class=\"figures\">\n");
        Figure(page, "size", report.Size, Bytes);
        if (report.Metric is { } metric)
            Figure(page, metric.Passed ? "figure passed" : "figure missed", metric.Name, Number(metric.Compressed), $"float {Number(metric.Float)}{(metric.Bound is null ? "" : $"; {metric.Bound}")}{(metric.Passed ? "" : ", missed")}");
        if (report.Latency is { } latency) Figure(page, "latency", latency, value => $"{Number(value)} ms");
        Figure(page, "MACs", report.Macs, Count);
        Figure(page, "bit operations", report.Bops, Count);
        if (report.Memory is { } memory) Figure(page, "activation memory", memory, Bytes);
        page.Append($"</div>\n<p>Bit operations: {Text(report.Bops.Convention)}.</p>\n");
        if (report.Bops.OtherConventions is { } others) page.Append("<p>By other conventions: ").AppendJoin("; ", others.Select(other => Text($"÷ {Number(other.Factor)}, {other.Convention}"))).Append(".</p>\n");
        if (report.Warnings.Count > 0) page.Append("<h2>Warnings</h2>\n<ul>\n").AppendJoin("", report.Warnings.Select(warning => $"<li>{Text(warning)}</li>\n")).Append("</ul>\n");
        if (report.Layers.Count > 0) Layers(page, report.Layers);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Figure(StringBuilder page, string name, Figures figures, Func<double, string> unit) =>
        Figure(page, "figure", name, $"÷ {figures.Factor.ToString("0.##", CultureInfo.InvariantCulture)}", $"{unit(figures.Float)} → {unit(figures.Compressed)}");

    private static void Figure(StringBuilder page, string style, string name, string value, string detail) =>
        page.Append($"<div class=\"{style}\">{Text(name)}<b>{Text(value)}</b><span>{Text(detail)}</span></div>\n");

    private static void Layers(StringBuilder page, IReadOnlyList<LayerFigures> layers)
    {
        page.Append("<h2>Layers</h2>\n<table>\n<tr><th>layer</th><th>type</th><th class=\"n\">channels</th><th class=\"n\">weight bits</th><th class=\"n\">activation bits</th><th class=\"n\">error</th><th>reason</th></tr>\n");
        foreach (var layer in layers)
            page.Append($"<tr><td>{Text(layer.Name)}</td><td>{Text(layer.Type)}</td><td class=\"n\">{Text(layer.Channels ?? "all")}</td><td class=\"n\">{Bits(layer.WeightBits)}</td><td class=\"n\">{Bits(layer.ActivationBits)}{(layer.Ranges is null ? "" : $", {layer.Ranges}")}</td><td class=\"n\">{(layer.Error is { } error ? Number(error) : "")}</td><td class=\"r\">{Text(layer.Reason ?? "")}</td></tr>\n");
        page.Append("</table>\n");
    }

    private static string Bits(double? bits) => bits is { } value ? value.ToString(CultureInfo.InvariantCulture) : "float";

    private static string Bytes(double bytes) => bytes < 1e6 ? $"{(bytes / 1e3).ToString("0.0", CultureInfo.InvariantCulture)} kB" : $"{(bytes / 1e6).ToString("0.00", CultureInfo.InvariantCulture)} MB";

    private static string Count(double count) => count switch
    {
        >= 1e9 => (count / 1e9).ToString("0.###", CultureInfo.InvariantCulture) + " G",
        >= 1e6 => (count / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " M",
        _ => count.ToString("0", CultureInfo.InvariantCulture),
    };

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
