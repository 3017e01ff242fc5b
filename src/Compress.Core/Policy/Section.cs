using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A mapping that becomes a record: a table with one row a key.</summary>
/// <param name="name">Its name in the JSON schema.</param>
/// <param name="title">How messages call it: "a model".</param>
/// <param name="create">The record before any key is set; takes the section's place.</param>
internal sealed class Section<T>(string name, string title, Func<SourceLocation, T> create) : Kind<T>
{
    private readonly List<Row> rows = [];

    public override string Expected => $"a mapping ('{rows[0].Name}: …')";

    public override IReadOnlyList<Key> Keys => rows;

    /// <summary>Adds a row.</summary>
    /// <param name="set">Puts the value into the record.</param>
    public Section<T> Key<TValue>(
        string key, Kind<TValue> kind, string description, Func<T, At<TValue>, T> set,
        string? @default = null, string? example = null, Presence presence = Presence.Optional)
    {
        rows.Add(new Row(key, kind, description, (record, value, place) => set(record, new(kind.Read(value, place), place.Location)))
        {
            Default = @default,
            Example = example,
            Presence = presence,
        });
        return this;
    }

    /// <summary>The same table under another name, without some keys.</summary>
    public Section<T> Without(string newName, string newTitle, params string[] keys)
    {
        var section = new Section<T>(newName, newTitle, create);
        section.rows.AddRange(rows.Where(r => !keys.Contains(r.Name)));
        return section;
    }

    /// <summary>This section, or a word that stands for a fixed record: `quantize: none`.</summary>
    public SectionOr<T> Or(params (string Word, T? Value)[] words) => new(this, words);

    public override T Read(YamlValue value, Place place)
    {
        if (value is not YamlMap map) throw WrongType(value, place);
        var record = create(place.Location);
        foreach (var entry in map.Entries)
        {
            var row = rows.Find(r => r.Name == entry.Key)
                ?? throw Codes.UnknownKey(entry.Key, title, PolicyKeys.Hint(entry.Key, rows), entry.KeyLocation).Error();
            record = row.Set(record, entry.Value, place.Inside(entry));
        }

        var missing = rows.Find(r => map[r.Name] is null
            && (r.Presence == Presence.Required || (r.Presence == Presence.RequiredAfterDefaults && !place.Partial)));
        return missing is null ? record : throw Codes.MissingKey(Sentence(title), place.Location, missing.Name).Error();
    }

    public override YamlValue Merge(YamlValue shared, YamlValue own)
    {
        if (shared is not YamlMap defaults || own is not YamlMap map) return own;
        foreach (var entry in defaults.Entries)
        {
            var kind = rows.Find(r => r.Name == entry.Key)!.Kind;
            map = map.With(map[entry.Key] is { } mine ? mine with { Value = kind.Merge(entry.Value, mine.Value) } : entry);
        }

        return map;
    }

    public override JsonObject Schema(JsonObject definitions)
    {
        if (!definitions.ContainsKey(name))
        {
            var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
            definitions[name] = schema;
            if (rows.Where(r => r.Presence == Presence.Required).Select(r => (JsonNode)r.Name).ToArray() is { Length: > 0 } required)
                schema["required"] = new JsonArray(required);
            schema["properties"] = new JsonObject(rows.Select(r => KeyValuePair.Create(r.Name, (JsonNode?)Describe(r, definitions))));
        }

        return new JsonObject { ["$ref"] = $"#/definitions/{name}" };
    }

    private static JsonObject Describe(Row row, JsonObject definitions)
    {
        var schema = row.Kind.Schema(definitions);
        schema["description"] = row.Default is null ? row.Description : $"{row.Description} Default: {row.Default}.";
        return schema;
    }

    private static string Sentence(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private sealed class Row(string name, Kind kind, string description, Func<T, YamlValue, Place, T> set) : Key(name, kind, description)
    {
        public Func<T, YamlValue, Place, T> Set { get; } = set;
    }
}
