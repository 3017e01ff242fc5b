using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Emit;

/// <summary>A model's policy as JSON that is the same on every machine: no positions, paths relative, keys sorted, only what a plan depends on.</summary>
public static class CanonicalPolicy
{
    private static readonly HashSet<string> Paths = [nameof(ModelPolicy.Model), nameof(ModelPolicy.Runtime), nameof(DataSource.Path), nameof(DataSource.Inputs)];
    private static readonly HashSet<string> Irrelevant = [nameof(ModelPolicy.When), nameof(ModelPolicy.Output), nameof(AccuracyPolicy.OnMiss), nameof(TrainPolicy.Store)];

    /// <param name="policy">The policy of one model.</param>
    /// <param name="folder">Paths become relative to it.</param>
    public static JsonObject Of(ModelPolicy policy, string folder) => Members(policy, folder);

    private static JsonNode? Form(string name, object? value, string folder) => value switch
    {
        null or SourceLocation => null,
        string text => Paths.Contains(name) ? RelativePath(text, folder) : text,
        bool flag => flag,
        int number => number,
        float number => number,
        double number => number,
        Enum choice => choice.ToString(),
        TimeSpan time => time.TotalSeconds,
        ITuple tuple => List(Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), name, folder),
        IDictionary map => Map(map.Keys.Cast<string>().Select(key => (key, map[key])), name, folder),
        IEnumerable list => List(list.Cast<object?>(), name, folder),
        _ => value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(At<>)
            ? Form(name, type.GetProperty(nameof(At<int>.Value))!.GetValue(value), folder)
            : Members(value, folder),
    };

    private static JsonObject Members(object value, string folder)
    {
        var members = value.GetType().GetProperties().Where(property => !Irrelevant.Contains(property.Name)).OrderBy(property => property.Name, StringComparer.Ordinal);
        var form = new JsonObject();
        foreach (var member in members)
            if (Form(member.Name, member.GetValue(value), folder) is { } node) form[Key(member.Name)] = node;
        return form;
    }

    private static JsonObject? Map(IEnumerable<(string Key, object? Value)> entries, string name, string folder)
    {
        var form = new JsonObject();
        foreach (var (key, value) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            if (Form(name, value, folder) is { } node) form[key] = node;
        return form.Count > 0 ? form : null;
    }

    private static JsonArray? List(IEnumerable<object?> items, string name, string folder) =>
        items.Select(item => Form(name, item, folder)).ToArray() is { Length: > 0 } nodes ? new JsonArray(nodes) : null;

    private static string RelativePath(string path, string folder) =>
        Path.IsPathFullyQualified(path) ? Path.GetRelativePath(folder, path).Replace('\\', '/') : path;

    private static string Key(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
