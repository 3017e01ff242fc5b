using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>Where a value stands: its dotted key for messages, the place that errors point at, and the folder of relative paths.</summary>
/// <param name="Partial">Read for itself, before `defaults` are merged in: keys that those may give can be absent.</param>
/// <param name="Missing">Takes the errors of files that are not there: only who needs them fails for it.</param>
internal sealed record Place(string Key, SourceLocation Location, string Folder, bool Partial, ICollection<Diagnostic> Missing)
{
    /// <summary>How a sentence about the value starts.</summary>
    public string Subject => Key.Length == 0 ? "The policy" : $"'{Key}'";

    public Place Inside(YamlEntry entry) =>
        this with { Key = Key is "" or "models" ? entry.Key : $"{Key}.{entry.Key}", Location = entry.Location };
}

/// <summary>What a key takes. The reader, the messages and the JSON schema all ask here.</summary>
internal abstract class Kind
{
    /// <summary>"a number from 0 to 0.95": ends the sentences "must be …".</summary>
    public abstract string Expected { get; }

    /// <summary>The words to choose from, when there are only those.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>The keys inside, when the value is a mapping.</summary>
    public virtual IReadOnlyList<Key> Keys => [];

    /// <summary>JSON schema, draft-07. Mappings put theirs into <paramref name="definitions"/> and refer to it.</summary>
    public abstract JsonObject Schema(JsonObject definitions);

    /// <summary>The value that holds when `defaults` say <paramref name="shared"/> and the model <paramref name="own"/>: mappings are merged key by key.</summary>
    public virtual YamlValue Merge(YamlValue shared, YamlValue own) => own;

    protected CompressionException WrongType(YamlValue value, Place place) =>
        Codes.WrongType(place.Subject, Expected, value.Describe(), place.Location).Error();
}

internal abstract class Kind<T> : Kind
{
    /// <exception cref="CompressionException">The value is not of this kind.</exception>
    public abstract T Read(YamlValue value, Place place);
}

/// <summary>One row of the policy's table of keys.</summary>
internal abstract class Key(string name, Kind kind, string description)
{
    public string Name { get; } = name;

    public Kind Kind { get; } = kind;

    /// <summary>One line, without the range or the default.</summary>
    public string Description { get; } = description;

    public Presence Presence { get; init; }

    /// <summary>As YAML, or in words; null: there is none.</summary>
    public string? Default { get; init; }

    /// <summary>A value as it stands in the policy that `init` writes; null: the key is not in it.</summary>
    public string? Example { get; init; }
}

/// <summary>Whether a key must be there: never, in the mapping itself, or in it or under `defaults`.</summary>
internal enum Presence { Optional, Required, RequiredAfterDefaults }
