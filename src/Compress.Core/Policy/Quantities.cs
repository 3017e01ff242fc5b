using System.Globalization;
using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>The units of one dimension, each with its factor to the base unit.</summary>
internal sealed record Units(string Name, string Example, params (string Symbol, double Factor)[] Table)
{
    /// <summary>Bytes. KB counts in thousands as disks do, KiB in 1024.</summary>
    public static readonly Units Size = new("a size", "300KB",
        ("B", 1), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30));

    /// <summary>Operations: MACs or BOPs.</summary>
    public static readonly Units Operations = new("a count", "40M", ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12));

    /// <summary>Milliseconds.</summary>
    public static readonly Units Time = new("a time", "1.5ms", ("us", 1e-3), ("ms", 1), ("s", 1e3), ("min", 6e4), ("h", 3.6e6));

    public string Pattern => $"^[0-9.]+ *({string.Join('|', Table.Select(u => u.Symbol))})$";

    /// <summary>A number with one of the units, in the base unit.</summary>
    public bool TryParse(string text, out double value)
    {
        var symbol = text.TrimStart([.. "0123456789."]).Trim();
        var unit = Array.Find(Table, u => u.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase));
        value = 0;
        if (unit.Symbol is null || !Positive(text[..^symbol.Length], out var number)) return false;
        value = number * unit.Factor;
        return true;
    }

    public static bool Positive(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number)
        && number > 0 && double.IsFinite(number);
}

/// <summary>A time with its unit, in milliseconds.</summary>
internal sealed class Duration(string example) : Kind<TimeSpan>
{
    public override string Expected => $"a time with its unit, such as {example}";

    public override TimeSpan Read(YamlValue value, Place place) =>
        value is YamlScalar scalar && Units.Time.TryParse(scalar.Text, out var time) && time < 1e9
            ? TimeSpan.FromMilliseconds(time) : throw WrongType(value, place);

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["pattern"] = Units.Time.Pattern };
}

/// <summary>A bound of the budget: a factor ("10x") or an absolute value with its unit.</summary>
internal sealed class Bounded(Units units) : Kind<Bound>
{
    public override string Expected => $"a factor such as 10x or {units.Name} such as {units.Example}";

    public override Bound Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false, Text.Length: > 0 } scalar) throw WrongType(value, place);
        if (scalar.Text[^1] is 'x' or 'X' && Units.Positive(scalar.Text[..^1], out var factor))
        {
            return factor > 1 ? new(factor, IsFactor: true, place.Location)
                : throw Codes.OutOfRange(place.Subject, "a factor above 1x, how many times less than the float model's", scalar.Text, place.Location).Error();
        }

        return units.TryParse(scalar.Text, out var amount) ? new(amount, IsFactor: false, place.Location) : throw WrongType(value, place);
    }

    public override JsonObject Schema(JsonObject definitions) => new()
    {
        ["type"] = "string",
        ["pattern"] = units.Pattern.Replace("(", "([xX]|", StringComparison.Ordinal),
    };
}
