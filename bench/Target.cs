using System.Globalization;

namespace Compress.Bench;

/// <summary>One bound of a target, such as <c>top1.drop &lt;= 0.15</c>. The names are those of <see cref="RowResult.Figures"/>.</summary>
internal sealed record Target(string Figure, bool AtMost, double Bound)
{
    /// <summary>Figures are compared as they are printed.</summary>
    private const double Rounding = 0.005;

    /// <summary>Bounds separated by commas.</summary>
    public static IReadOnlyList<Target> Parse(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(One)];

    public bool IsMet(IReadOnlyDictionary<string, double> figures)
    {
        if (!figures.TryGetValue(Figure, out var value)) return false;
        var slack = Figure.StartsWith("top1", StringComparison.Ordinal) ? Rounding : 0;
        return AtMost ? value <= Bound + slack : value >= Bound - slack;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Figure} {(AtMost ? "≤" : "≥")} {Bound}");

    private static Target One(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(parts[0], parts[1] == "<=", double.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
