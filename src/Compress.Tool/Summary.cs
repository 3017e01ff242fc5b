using System.Globalization;
using Compress.Evaluate;

namespace Compress.Tool;

/// <summary>What became of a model, on one line.</summary>
internal static class Summary
{
    public static string Of(string model, CompressionResult result)
    {
        var report = result.Report;
        var place = Path.GetRelativePath(Environment.CurrentDirectory, result.Output);
        var line = $"{Path.GetFileName(model)} -> {place}: {Kilobytes(report.Size.Float)} -> {Kilobytes(report.Size.Compressed)} KB ({Text(report.Size.Factor, "0.0")}x)";
        if (report.Metric is { } metric) line += $", {metric.Name} {MetricText.Of(metric.Float)} -> {MetricText.Of(metric.Compressed)}";
        if (report.Latency is { } latency) line += $", {Text(latency.Float, "0.00")} -> {Text(latency.Compressed, "0.00")} ms";
        return line;
    }

    private static string Kilobytes(double bytes) => Text(bytes / 1000, bytes < 100_000 ? "0.0" : "#,0");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
