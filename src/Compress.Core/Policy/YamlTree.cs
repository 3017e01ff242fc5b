using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A node of a policy file, with the place where it starts.</summary>
internal abstract record YamlValue(SourceLocation Location)
{
    /// <summary>How error messages call it.</summary>
    public abstract string Describe();
}

/// <param name="Plain">Written without quotes: only then can it be a number, a flag or nothing.</param>
internal sealed record YamlScalar(string Text, bool Plain, SourceLocation Location) : YamlValue(Location)
{
    public bool IsNothing => Plain && Text is "" or "~" or "null";

    public override string Describe() => IsNothing ? "nothing" : Plain ? $"'{Text}'" : $"the quoted text '{Text}'";
}

internal sealed record YamlList(IReadOnlyList<YamlValue> Items, SourceLocation Location) : YamlValue(Location)
{
    public override string Describe() => "a list";
}

/// <summary>Entries in the order of the file; keys are unique.</summary>
internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, SourceLocation Location) : YamlValue(Location)
{
    public YamlEntry? this[string key] => Entries.FirstOrDefault(e => e.Key == key);

    public override string Describe() => "a mapping";

    /// <summary>The map with this entry in place of the one with the same key, or at the end.</summary>
    public YamlMap With(YamlEntry entry) =>
        this with { Entries = this[entry.Key] is null ? [.. Entries, entry] : [.. Entries.Select(e => e.Key == entry.Key ? entry : e)] };
}

internal sealed record YamlEntry(string Key, SourceLocation KeyLocation, YamlValue Value)
{
    /// <summary>Where an error about the entry points: its value when that is on the spot, else its key.</summary>
    public SourceLocation Location => Value is YamlScalar { IsNothing: false } ? Value.Location : KeyLocation;
}
