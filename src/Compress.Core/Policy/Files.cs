using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Compress.Policy;

/// <summary>A file that must exist where it is used; relative to the policy. Read as an absolute path.</summary>
internal sealed class ExistingFile : Kind<string>
{
    public override string Expected => "the path of a file";

    public override string Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false, Text.Length: > 0 } scalar) throw WrongType(value, place);
        var path = Paths.Full(scalar.Text, place);
        if (!File.Exists(path)) place.Missing.Add(Paths.Missing(scalar.Text, path, place));
        return path;
    }

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>A path that stays inside the folder that it will be joined to; forward slashes.</summary>
internal sealed class RelativePath : Kind<string>
{
    public override string Expected => "a relative path";

    public override string Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false, Text.Length: > 0 } scalar) throw WrongType(value, place);
        var path = scalar.Text.Replace('\\', '/');
        var leaves = Path.IsPathRooted(path) || path.Contains(':') || path.EndsWith('/') || path.Split('/').Contains("..");
        return leaves ? throw Codes.OutputOutside(scalar.Text, place.Location).Error() : path;
    }

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>A file that is written. Read as an absolute path.</summary>
internal sealed class FileToWrite : Kind<string>
{
    public override string Expected => "the path of a file";

    public override string Read(YamlValue value, Place place) =>
        value is YamlScalar { IsNothing: false, Text.Length: > 0 } scalar && !scalar.Text.EndsWith('/') ? Paths.Full(scalar.Text, place) : throw WrongType(value, place);

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>A model file, or a pattern that matches some. Read as absolute paths in ordinal order; what matches nothing stays itself, one path.</summary>
internal sealed class ModelFiles : Kind<IReadOnlyList<string>>
{
    public override string Expected => "the path of a model, or a pattern such as models/*.onnx";

    public override IReadOnlyList<string> Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false, Text.Length: > 0 } scalar) throw WrongType(value, place);
        var path = Paths.Full(scalar.Text, place);
        if (File.Exists(path)) return [path];
        if (!Paths.IsPattern(scalar.Text))
        {
            place.Missing.Add(Paths.Missing(scalar.Text, path, place));
            return [path];
        }

        var (folder, pattern) = Paths.SplitPattern(path);
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(pattern);
        // What a build or the tool wrote is not a model to compress.
        foreach (var built in (string[])["**/bin/**", "**/obj/**", "**/*.compressed.onnx", "**/*.candidate.onnx"]) matcher.AddExclude(built);
        var files = Directory.Exists(folder) ? matcher.GetResultsInFullPath(folder).Order(StringComparer.Ordinal).ToList() : [];
        if (files.Count > 0) return files;
        place.Missing.Add(Codes.PatternMatchesNothing(place.Subject, scalar.Text, folder, place.Location));
        return [path];
    }

    public override JsonObject Schema(JsonObject definitions) => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>Samples: a file or folder, or a mapping of inputs to `file.npz:array`.</summary>
internal sealed class Samples : Kind<DataSource>
{
    public override string Expected => "a path, or a mapping of inputs to paths ('input: file.npz:array')";

    public override DataSource Read(YamlValue value, Place place)
    {
        if (value is not YamlMap map) return new(place.Location, Existing(value, place), new Dictionary<string, At<string>>());
        if (map.Entries.Count == 0) throw Codes.WrongType(place.Subject, Expected, "an empty mapping", place.Location).Error();
        var inputs = map.Entries.ToDictionary(e => e.Key, e => new At<string>(Existing(e.Value, place.Inside(e)), e.Location), StringComparer.Ordinal);
        return new(place.Location, null, inputs);
    }

    public override JsonObject Schema(JsonObject definitions) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string", ["minLength"] = 1 },
            new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" }, ["minProperties"] = 1 }),
    };

    private string Existing(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false, Text.Length: > 0 } scalar) throw WrongType(value, place);
        var path = Paths.Full(scalar.Text, place);
        var (file, array) = DataSource.SplitArray(path);
        if (!Path.Exists(path) && (array is null || !File.Exists(file))) place.Missing.Add(Paths.Missing(scalar.Text, file, place));
        return path;
    }
}

/// <summary>Paths as a policy writes them.</summary>
public static class Paths
{
    /// <summary>Whether two paths are one on this system.</summary>
    public static readonly StringComparer Comparer =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <exception cref="CompressionException">CMP1013: no system has such a path.</exception>
    internal static string Full(string path, Place place) =>
        path.Contains('\0') ? throw Codes.WrongType(place.Subject, "a path", "a text with a zero character", place.Location).Error() : Path.GetFullPath(path.Replace('\\', '/'), place.Folder);

    internal static bool IsPattern(string path) => path.Contains('*');

    /// <summary>The folder before the first wildcard, and the rest with forward slashes.</summary>
    internal static (string Folder, string Pattern) SplitPattern(string path)
    {
        var folder = path;
        while (IsPattern(folder)) folder = Path.GetDirectoryName(folder)!;
        return (folder, Path.GetRelativePath(folder, path).Replace('\\', '/'));
    }

    /// <summary>The error for a missing file, with the nearest name in its folder.</summary>
    internal static Diagnostic Missing(string written, string path, Place place)
    {
        var folder = Path.GetDirectoryName(path);
        var hint = IsPattern(written) ? " Patterns are for 'model' alone: name the folder."
            : Directory.Exists(path) ? " There is only a folder of that name."
            : !Directory.Exists(folder) ? $" There is no folder '{folder}'."
            : Nearest.Question(Path.GetFileName(path), Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        return Codes.FileMissing(place.Subject, written, hint, place.Location);
    }
}
