using System.Globalization;
using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>Any text but the empty one.</summary>
internal sealed class Text : Kind<string>
{
    public override string Expected => "text";

    public override string Read(YamlValue value, Place place) =>
        value is YamlScalar { IsNothing: false, Text.Length: > 0 } scalar ? scalar.Text : throw WrongType(value, place);

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["minLength"] = 1 };
}

internal sealed class Flag : Kind<bool>
{
    public override string Expected => "true or false";

    public override bool Read(YamlValue value, Place place) => value switch
    {
        YamlScalar { Plain: true, Text: "true" } => true,
        YamlScalar { Plain: true, Text: "false" } => false,
        _ => throw WrongType(value, place),
    };

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "boolean" };
}

/// <summary>true, false, or a number.</summary>
internal sealed class FlagOrNumber(Number number) : Kind<(bool? Flag, double? Number)>
{
    private static readonly Flag Flag = new();

    public override string Expected => $"{Flag.Expected}, or {number.Expected}";

    public override (bool? Flag, double? Number) Read(YamlValue value, Place place) => value switch
    {
        YamlScalar { Plain: true, Text: "true" or "false" } => (Flag.Read(value, place), null),
        YamlScalar { Plain: true, Text: [>= '0' and <= '9' or '-' or '+' or '.', ..] } => (null, number.Read(value, place)),
        _ => throw WrongType(value, place),
    };

    public override JsonObject Schema(JsonObject definitions) => new() { ["anyOf"] = new JsonArray(Flag.Schema(definitions), number.Schema(definitions)) };
}

/// <summary>One of a few words, each standing for a value.</summary>
internal sealed class Choice<T>(params (string Word, T Value)[] choices) : Kind<T>
{
    public override string Expected => choices.Length == 1 ? $"'{choices[0].Word}'" : "one of " + string.Join(", ", Words);

    public override IReadOnlyList<string> Words => [.. choices.Select(c => c.Word)];

    public override T Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false } scalar) throw WrongType(value, place);
        var at = Array.FindIndex(choices, c => c.Word == scalar.Text);
        return at >= 0 ? choices[at].Value
            : throw Codes.UnknownValue(place.Subject, scalar.Text, Nearest.Hint(scalar.Text, Words), place.Location).Error();
    }

    /// <summary>The policy's word for a value.</summary>
    public string Word(T value) => choices.First(c => EqualityComparer<T>.Default.Equals(c.Value, value)).Word;

    public override JsonObject Schema(JsonObject definitions) => new() { ["enum"] = new JsonArray([.. Words.Select(w => (JsonNode)w)]) };
}

/// <summary>A number, also as a fraction such as 1/255.</summary>
/// <param name="above">The lower bound itself is outside.</param>
internal sealed class Number(double least = double.NegativeInfinity, double most = double.PositiveInfinity, bool above = false) : Kind<double>
{
    public override string Expected => (double.IsFinite(least), double.IsFinite(most)) switch
    {
        (false, _) => "a number",
        (_, false) => $"a number {(above ? "above" : "of at least")} {Format(least)}",
        _ => $"a number {(above ? "above" : "from")} {Format(least)} {(above ? "and at most" : "to")} {Format(most)}",
    };

    public override double Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { Plain: true } scalar || !TryParse(scalar.Text, out var number)) throw WrongType(value, place);
        var inside = number <= most && (above ? number > least : number >= least);
        return inside ? number : throw Codes.OutOfRange(place.Subject, Expected, scalar.Text, place.Location).Error();
    }

    public override JsonObject Schema(JsonObject definitions)
    {
        var number = new JsonObject { ["type"] = "number" };
        if (!double.IsInfinity(least)) number[above ? "exclusiveMinimum" : "minimum"] = least;
        if (!double.IsInfinity(most)) number["maximum"] = most;
        return new()
        {
            ["anyOf"] = new JsonArray(number, new JsonObject { ["type"] = "string", ["pattern"] = "^[-+0-9.eE]+ */ *[-+0-9.eE]+$" }),
        };
    }

    private static bool TryParse(string text, out double number)
    {
        var parts = text.Split('/');
        number = 0;
        if (parts.Length > 2 || !Invariant(parts[0], out var numerator)) return false;
        var divisor = 1.0;
        if (parts.Length == 2 && !Invariant(parts[1], out divisor)) return false;
        number = numerator / divisor;
        return double.IsFinite(number);
    }

    private static string Format(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool Invariant(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}

/// <summary>A whole number of a range, or of a few.</summary>
internal sealed class Whole(int least, int most, params int[] more) : Kind<int>
{
    public override string Expected => (more.Length, most) switch
    {
        (0, _) when least == most => $"{least}",
        (0, int.MaxValue) => $"a whole number of at least {least}",
        (0, _) => $"a whole number from {least} to {most}",
        _ => $"a whole number from {least} to {most}, or {string.Join(" or ", more)}",
    };

    public override int Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { Plain: true } scalar
            || !System.Numerics.BigInteger.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw WrongType(value, place);
        return (number >= least && number <= most) || more.Any(m => m == number) ? (int)number
            : throw Codes.OutOfRange(place.Subject, Expected, scalar.Text, place.Location).Error();
    }

    public override JsonObject Schema(JsonObject definitions)
    {
        if (more.Length > 0) return new() { ["enum"] = new JsonArray([.. Enumerable.Range(least, most - least + 1).Concat(more).Select(n => (JsonNode)n)]) };
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most < int.MaxValue) schema["maximum"] = most;
        return schema;
    }
}
