using System.Globalization;
using System.Text;

namespace Compress.Bench;

/// <summary>Tables as README has them.</summary>
internal static class Markdown
{
    public static string Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        Line(header);
        Line([.. header.Select(_ => "---")]);
        foreach (var row in rows) Line(row);
        return text.ToString();

        void Line(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace('|', '/'))).Append(" |\n");
    }

    /// <summary>Hundredths of points and decibels, ten-thousandths of what lies between 0 and 1.</summary>
    public static string Metric(double value) => value.ToString(Math.Abs(value) > 2 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    /// <summary>Four digits say all that these measurements tell.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString("G3", CultureInfo.InvariantCulture),
    };
}
