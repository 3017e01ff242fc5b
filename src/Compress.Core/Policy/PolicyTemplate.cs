using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Compress.Policy;

/// <summary>The policy that `init` writes: complete and valid as it stands, with every common key beside it as a comment.</summary>
public static partial class PolicyTemplate
{
    /// <summary>Comments start here, where the line leaves room.</summary>
    private const int CommentColumn = 48;

    /// <param name="modelPath">The model, relative to the policy.</param>
    /// <param name="values">What is known, as YAML (see <see cref="Scalar"/>) by dotted key: "calibration.data". These keys are active, all others comments.</param>
    /// <param name="notes">Facts about the model, one comment line each.</param>
    public static string For(string modelPath, IReadOnlyDictionary<string, string>? values = null, IReadOnlyList<string>? notes = null)
    {
        var known = values ?? new Dictionary<string, string>();
        var text = new StringBuilder();
        text.Append($"# yaml-language-server: $schema=./{PolicySchema.FileName}\n");
        text.Append("# How this model is compressed when the project is built. Indented lines with a '#' show further keys: take '# ' away, with the space, to set one.\n");
        foreach (var note in notes ?? []) text.Append($"# {note.ReplaceLineEndings(" ")}\n");
        text.Append("version: 1\nmodels:\n");
        text.Append($"  - model: {Scalar(modelPath.Replace('\\', '/'))}\n");
        foreach (var key in PolicyKeys.Model.Keys.Where(k => k.Presence == Presence.Optional)) Append(text, key, known);
        return text.Replace("\n\n\n", "\n\n").ToString().TrimEnd() + "\n";
    }

    /// <summary>Text as a YAML scalar, quoted where it must be.</summary>
    public static string Scalar(string text) =>
        Plain().IsMatch(text) ? text : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    /// <summary>A key of the model: on its line, or as a section with its keys below. Without a value to show it is left out.</summary>
    private static void Append(StringBuilder text, Key key, IReadOnlyDictionary<string, string> known)
    {
        if ((known.GetValueOrDefault(key.Name) ?? key.Example) is { } value)
        {
            Line(text, known.ContainsKey(key.Name), $"{key.Name}: {value}", Explain(key));
            return;
        }

        var inner = key.Kind.Keys.Where(k => known.ContainsKey(Path(k)) || k.Example is not null).ToList();
        if (inner.Count == 0) return;
        text.Append('\n');
        Line(text, inner.Any(k => known.ContainsKey(Path(k))), $"{key.Name}:", Explain(key));
        foreach (var k in inner) Line(text, known.ContainsKey(Path(k)), $"  {k.Name}: {known.GetValueOrDefault(Path(k)) ?? k.Example}", Explain(k));
        text.Append('\n');

        string Path(Key child) => $"{key.Name}.{child.Name}";
    }

    private static void Line(StringBuilder text, bool active, string entry, string comment) =>
        text.Append($"    {(active ? "" : "# ")}{entry}".PadRight(CommentColumn)).Append($"  # {comment}\n");

    private static string Explain(Key key)
    {
        var words = key.Kind.Words.Count > 1 ? $" One of {string.Join(", ", key.Kind.Words)}." : "";
        var @default = key.Default is null || key.Default == key.Example ? "" : $" Default: {key.Default}.";
        return key.Description + words + @default;
    }

    [GeneratedRegex(@"^(?!(null|true|false|yes|no)$)[A-Za-z_./][A-Za-z0-9_./+-]*$")]
    private static partial Regex Plain();
}
