using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A list; one value alone is a list of one, unless <paramref name="single"/> is false.</summary>
/// <param name="unique">No value may stand in it twice.</param>
internal sealed class ListOf<T>(Kind<T> item, bool unique = true, bool single = true) : Kind<IReadOnlyList<T>>
{
    public override string Expected => single ? $"{item.Expected}, or a list of such" : "a list, each entry starting with '-'";

    public override IReadOnlyList<Key> Keys => item.Keys;

    public override IReadOnlyList<T> Read(YamlValue value, Place place)
    {
        if (value is not YamlList list) return single ? [item.Read(value, place)] : throw WrongType(value, place);
        if (list.Items.Count == 0) throw Codes.WrongType(place.Subject, Expected, "an empty list", place.Location).Error();
        var values = new List<T>();
        foreach (var entry in list.Items)
        {
            var read = item.Read(entry, place with { Location = entry.Location });
            if (unique && values.Contains(read)) throw Codes.ListedTwice(place.Subject, entry.Describe(), entry.Location).Error();
            values.Add(read);
        }

        return values;
    }

    public override JsonObject Schema(JsonObject definitions)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = item.Schema(definitions), ["minItems"] = 1 };
        if (unique) list["uniqueItems"] = true;
        return single ? new() { ["anyOf"] = new JsonArray(item.Schema(definitions), list) } : list;
    }
}

/// <summary>Height and width: two whole numbers, or one for a square.</summary>
internal sealed class HeightAndWidth : Kind<(int Height, int Width)>
{
    private static readonly ListOf<int> Numbers = new(new Whole(1, 16384), unique: false);

    public override string Expected => "[height, width], or one number for a square";

    public override (int Height, int Width) Read(YamlValue value, Place place) => Numbers.Read(value, place) switch
    {
        [var side] => (side, side),
        [var height, var width] => (height, width),
        var other => throw Codes.WrongType(place.Subject, Expected, $"{other.Count} numbers", place.Location).Error(),
    };

    public override JsonObject Schema(JsonObject definitions) => Numbers.Schema(definitions);
}

/// <summary>Checks the value as another kind does, and hands it on unread: `defaults` must be merged in first.</summary>
internal sealed class Unread<T>(Kind<T> kind) : Kind<YamlValue>
{
    public override string Expected => kind.Expected;

    public override IReadOnlyList<Key> Keys => kind.Keys;

    public override YamlValue Read(YamlValue value, Place place)
    {
        _ = kind.Read(value, place);
        return value;
    }

    public override JsonObject Schema(JsonObject definitions) => kind.Schema(definitions);
}
