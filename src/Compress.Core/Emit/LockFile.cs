using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Emit;

/// <summary>
/// compress.lock.json beside the policy, meant to be committed: for each model the plan that was found and all that it depends on.
/// Keys are sorted, paths relative, so that two branches merge.
/// </summary>
public static class LockFile
{
    public const string Name = "compress.lock.json";
    private const int Version = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A merge may leave a key twice.</summary>
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>This tool's version, as the lock records it.</summary>
    public static string Tool { get; } = typeof(LockFile).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// The lock file's name for a model: its path from the lock file's folder; its output and its configurations when the policy names them; the policy's
    /// path when its name is not the usual one, for policies that share a folder.
    /// </summary>
    /// <param name="path">The lock file.</param>
    /// <param name="policy">The policy of the model.</param>
    /// <param name="policyFile">Where that was read; null: it was made in code.</param>
    public static string Key(string path, ModelPolicy policy, string? policyFile)
    {
        string Named(string file) => Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, file).Replace('\\', '/');
        var output = policy.Output is null ? "" : $" > {policy.Output}";
        var when = policy.When.Count == 0 ? "" : $" ({string.Join(", ", policy.When.Order(StringComparer.Ordinal))})";
        var isUsual = policyFile is null || Path.GetFileName(policyFile).Equals(CompressionPolicy.FileName, StringComparison.OrdinalIgnoreCase);
        return Named(policy.Model.Value) + output + when + (isUsual ? "" : $" by {Named(policyFile!)}");
    }

    /// <summary>The entry that fits the inputs, or null when a search is needed.</summary>
    /// <param name="path">The lock file; it need not exist.</param>
    /// <param name="key">The model, see <see cref="Key"/>.</param>
    /// <param name="inputs">What there is now.</param>
    /// <param name="locked">A search is not allowed: an entry that does not fit is an error.</param>
    /// <exception cref="CompressionException">CMP8002 missing, CMP8003 stale (both in locked mode), CMP8004 malformed, CMP8005 from a newer version, CMP8009 not to be read.</exception>
    public static LockEntry? Find(string path, string key, LockInputs inputs, bool locked)
    {
        var entry = File.Exists(path) ? Models(Parse(Text(path), path), path)[key] is { } node ? Entry(node, path) : null : null;
        if (entry is null) return locked ? throw Codes.LockMissing(path, key).Error() : null;
        var changes = inputs.ChangesFrom(entry.Inputs);
        if (changes.Count == 0) return entry;
        return locked ? throw Codes.LockStale(path, key, changes).Error() : null;
    }

    /// <summary>
    /// Adds or replaces one model's entry and leaves the others; builds that do so at the same time wait for each other. The file keeps its time:
    /// by it a build sees that the file was edited or checked out, and then every model of it counts as changed.
    /// </summary>
    /// <param name="path">The lock file; it need not exist.</param>
    /// <param name="key">The model, see <see cref="Key"/>.</param>
    /// <param name="entry">What was found.</param>
    /// <param name="firstTime">The time of a file that is new; null: now.</param>
    /// <exception cref="CompressionException">CMP8001 when it can't be written, CMP8004 when the file that is there is malformed, CMP8009 when it can't be read.</exception>
    public static void Write(string path, string key, LockEntry entry, DateTime? firstTime = null)
    {
        using var only = FileLock.Take(path);
        var time = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : firstTime;
        var before = File.Exists(path) ? Text(path) : null;
        var models = before is null ? [] : Models(Parse(before, path), path);
        models[key] = Form(entry);
        var sorted = new JsonObject(models.OrderBy(model => model.Key, StringComparer.Ordinal).Select(model => KeyValuePair.Create(model.Key, model.Value?.DeepClone())));
        var text = new JsonObject { ["version"] = Version, ["models"] = sorted }.ToJsonString(Format) + "\n";
        if (before == text) return;
        AtomicFile.Write(path, text);
        if (time is { } kept) File.SetLastWriteTimeUtc(path, kept);
    }

    /// <summary>Windows does not let a file be opened that another build replaces at this moment, or a virus scanner looks at.</summary>
    private static string Text(string path)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (DateTime.UtcNow > deadline) throw Codes.LockUnreadable(path, e.Message).Error(e);
                Thread.Sleep(10);
            }
        }
    }

    private static JsonObject Parse(string text, string path)
    {
        try
        {
            var root = JsonNode.Parse(text, documentOptions: Strict)!.AsObject();
            if (root["version"]!.GetValue<int>() > Version) throw Codes.LockFromNewer(path).Error();
            return root;
        }
        catch (JsonException e)
        {
            throw Malformed(path, e.Message, e, (int)(e.LineNumber ?? -1) + 1);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw Malformed(path, "it has no 'version'", e);
        }
    }

    private static JsonObject Models(JsonObject root, string path) =>
        root["models"] as JsonObject ?? throw Malformed(path, "it has no 'models'", null);

    private static LockEntry Entry(JsonNode node, string path)
    {
        try
        {
            var files = node["files"]!.AsObject().ToDictionary(file => file.Key, file => file.Value!.GetValue<string>(), StringComparer.Ordinal);
            var inputs = new LockInputs(node["tool"]!.GetValue<string>(), node["policy"]!.AsObject(), files);
            return new LockEntry(inputs, node["plan"]!.AsObject(), node["figures"]?.AsObject(), node["output"]!.GetValue<string>());
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw Malformed(path, "an entry lacks 'tool', 'policy', 'files', 'plan' or 'output', or one of them or 'figures' has another form", e);
        }
    }

    private static JsonObject Form(LockEntry entry) => new()
    {
        ["tool"] = entry.Inputs.Tool,
        ["policy"] = entry.Inputs.Policy.DeepClone(),
        ["files"] = new JsonObject(entry.Inputs.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => KeyValuePair.Create(file.Key, (JsonNode?)file.Value))),
        ["plan"] = entry.Plan.DeepClone(),
        ["figures"] = entry.Figures?.DeepClone(),
        ["output"] = entry.Output,
    };

    private static CompressionException Malformed(string path, string why, Exception? inner, int line = 0) => Codes.LockMalformed(path, line, why).Error(inner);
}
