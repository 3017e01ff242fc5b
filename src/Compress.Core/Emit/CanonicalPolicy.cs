using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Emit;

/// <summary>A model's policy as JSON that is the same on every machine: no positions, paths relative, keys sorted, only what a plan depends on.</summary>
public static class CanonicalPolicy
{
    private static readonly HashSet<(Type, string)> Paths =
        [(typeof(ModelPolicy), nameof(ModelPolicy.Model)), (typeof(ModelPolicy), nameof(ModelPolicy.Runtime)), (typeof(DataSource), nameof(DataSource.Path)), (typeof(DataSource), nameof(DataSource.Inputs))];

    private static readonly HashSet<(Type, string)> Irrelevant =
        [(typeof(ModelPolicy), nameof(ModelPolicy.When)), (typeof(ModelPolicy), nameof(ModelPolicy.Output)), (typeof(AccuracyPolicy), nameof(AccuracyPolicy.OnMiss)), (typeof(TrainPolicy), nameof(TrainPolicy.Store))];

    /// <param name="policy">The policy of one model.</param>
    /// <param name="folder">Paths become relative to it.</param>
    public static JsonObject Of(ModelPolicy policy, string folder) => Members(policy, folder);

    /// <param name="isPath">Whether texts in it are paths.</param>
    private static JsonNode? Form(bool isPath, object? value, string folder) => value switch
    {
        null or SourceLocation => null,
        string text => isPath ? RelativePath(text, folder) : text,
        bool flag => flag,
        int number => number,
        float number => number,
        double number => number,
        Enum choice => choice.ToString(),
        TimeSpan time => time.TotalSeconds,
        ITuple tuple => List(Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), isPath, folder),
        IDictionary map => Map(map.Keys.Cast<string>().Select(key => (key, map[key])), isPath, folder),
        IEnumerable list => List(list.Cast<object?>(), isPath, folder),
        _ => value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(At<>)
            ? Form(isPath, type.GetProperty(nameof(At<int>.Value))!.GetValue(value), folder)
            : Members(value, folder),
    };

    private static JsonObject Members(object value, string folder)
    {
        var members = value.GetType().GetProperties().Where(property => !Irrelevant.Contains((property.DeclaringType!, property.Name))).OrderBy(property => property.Name, StringComparer.Ordinal);
        var form = new JsonObject();
        foreach (var member in members)
            if (Form(Paths.Contains((member.DeclaringType!, member.Name)), member.GetValue(value), folder) is { } node) form[Key(member.Name)] = node;
        return form;
    }

    private static JsonObject? Map(IEnumerable<(string Key, object? Value)> entries, bool isPath, string folder)
    {
        var form = new JsonObject();
        foreach (var (key, value) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            if (Form(isPath, value, folder) is { } node) form[key] = node;
        return form.Count > 0 ? form : null;
    }

    private static JsonArray? List(IEnumerable<object?> items, bool isPath, string folder) =>
        items.Select(item => Form(isPath, item, folder)).ToArray() is { Length: > 0 } nodes ? new JsonArray(nodes) : null;

    private static string RelativePath(string path, string folder) =>
        Path.IsPathFullyQualified(path) ? Path.GetRelativePath(folder, path).Replace('\\', '/') : path;

    private static string Key(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
