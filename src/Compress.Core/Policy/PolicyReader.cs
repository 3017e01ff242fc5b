using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>YAML text to policy: parse, check every key by the table, merge `defaults`, expand globs, look for contradictions.</summary>
public static class PolicyReader
{
    /// <summary>Reads a policy file. Relative paths in it resolve against its folder; whether there are such files is asked of the entry that holds.</summary>
    /// <exception cref="CompressionException">CMP10xx: the first mistake, at its line and column.</exception>
    public static CompressionPolicy Read(string path)
    {
        var file = Path.GetFullPath(path);
        var place = new Place("", new(file, 1, 1), Path.GetDirectoryName(file)!, Partial: true, Missing: []);

        var root = YamlReader.Read(file, Text(file));
        CheckVersion(root, place);
        var parts = PolicyKeys.Root.Read(root, place);
        if (parts is { Models: null, Defaults: null }) throw Codes.MissingKey(place.Subject, place.Location, "models", "defaults").Error();

        var entries = ModelEntries.Of(parts, place);
        var models = entries.Select(e => Model(e, place)).ToList();
        PolicyChecks.SameOutputs(models, place.Folder);
        PolicyChecks.OwnStores(models, file);
        return new(file, models)
        {
            FromDefaults = parts.Defaults is { } defaults ? model => Model(ModelEntries.Synthesise(model, defaults), place) : null,
        };
    }

    private static ModelPolicy Model(ModelEntry entry, Place place)
    {
        var missing = new List<Diagnostic>();
        var model = PolicyKeys.Model.Read(entry.Map, place with { Partial = false, Location = entry.Map.Location, Missing = missing });
        model = model with
        {
            Missing = missing,
            Locations = entry.Locations(),
            Layers = [.. model.Layers.Select(rule => rule with { Shared = entry.SharesLayers })],
        };
        return PolicyChecks.Contradiction(model) is { } diagnostic ? throw diagnostic.Error() : model;
    }

    /// <summary>Before all else: another version may have other keys.</summary>
    private static void CheckVersion(YamlValue root, Place place)
    {
        if (root is not YamlMap map || map["version"] is not { } entry) return;
        var version = new Whole(0, int.MaxValue).Read(entry.Value, place.Inside(entry));
        if (version != 1) throw Codes.VersionUnsupported(version, entry.Location).Error();
    }

    private static string Text(string file)
    {
        if (Directory.Exists(file)) throw Codes.PolicyUnreadable(file, "it is a folder.").Error();
        if (!File.Exists(file)) throw Codes.PolicyMissing(file).Error();
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Codes.PolicyUnreadable(file, e.Message).Error(e);
        }
    }
}
