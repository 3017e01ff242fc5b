using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>The entry of one model file, `defaults` merged in.</summary>
/// <param name="SharesLayers">Its layer rules were written for several models.</param>
internal sealed record ModelEntry(YamlMap Map, bool SharesLayers)
{
    /// <summary>The place of every key, by its dotted name.</summary>
    public IReadOnlyDictionary<string, SourceLocation> Locations()
    {
        var locations = new Dictionary<string, SourceLocation>(StringComparer.Ordinal);
        Collect("", Map);
        return locations;

        void Collect(string prefix, YamlMap map)
        {
            foreach (var entry in map.Entries)
            {
                var key = prefix + entry.Key;
                locations[key] = entry.Location;
                if (entry.Value is YamlMap inner) Collect($"{key}.", inner);
                if (entry.Value is not YamlList list) continue;
                for (var i = 0; i < list.Items.Count; i++)
                {
                    locations[$"{key}[{i}]"] = list.Items[i].Location;
                    if (list.Items[i] is YamlMap item) Collect($"{key}[{i}].", item);
                }
            }
        }
    }
}

/// <summary>From the entries of a policy, whose keys are valid, to one entry a model file.</summary>
internal static class ModelEntries
{
    private static readonly ModelFiles Files = new();

    /// <summary>In the order of the file, the models of a glob in ordinal order. A glob leaves out what other entries name.</summary>
    public static IEnumerable<ModelEntry> Of(PolicyParts parts, Place place)
    {
        var items = parts.Models?.Items.Cast<YamlMap>().ToList() ?? [];
        var named = items.Select(Pattern).Where(p => !Paths.IsPattern(p)).Select(p => Paths.Full(p, place)).ToHashSet(Paths.Comparer);
        return
            from item in items
            let paths = Files.Read(item["model"]!.Value, place.Inside(item["model"]!))
            let glob = Paths.IsPattern(Pattern(item))
            from path in paths
            where !glob || !named.Contains(path)
            select new ModelEntry(Merge(parts.Defaults, File.Exists(path) ? Named(item, path) : item), SharesLayers: paths.Count > 1 || (item["layers"] is null && items.Count > 1));
    }

    /// <summary>The entry of a model that the file does not name. Its place is that of `defaults`.</summary>
    public static ModelEntry Synthesise(string path, YamlMap defaults)
    {
        var model = new YamlEntry("model", defaults.Location, new YamlScalar(path, Plain: true, defaults.Location));
        return new(defaults.With(model), SharesLayers: true);
    }

    private static string Pattern(YamlMap item) => ((YamlScalar)item["model"]!.Value).Text;

    /// <summary>The entry of one file of those that its pattern matches. What matches nothing stays as it was written, for the message.</summary>
    private static YamlMap Named(YamlMap item, string path)
    {
        var model = item["model"]!;
        return item.With(model with { Value = (YamlScalar)model.Value with { Text = path } });
    }

    private static YamlMap Merge(YamlMap? defaults, YamlMap own) => defaults is null ? own : (YamlMap)PolicyKeys.Model.Merge(defaults, own);
}
