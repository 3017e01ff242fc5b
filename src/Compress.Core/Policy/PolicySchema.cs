using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Compress.Policy;

/// <summary>The JSON schema of policies, from the table of keys: editors complete, explain and check with it.</summary>
public static class PolicySchema
{
    /// <summary>The name under which it lies beside a policy.</summary>
    public const string FileName = "compress.schema.json";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of the schema (draft-07): the same bytes on every machine.</summary>
    public static string Json()
    {
        var definitions = new JsonObject();
        var root = PolicyKeys.Root.Schema(definitions);
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Compression policy",
            ["$ref"] = root["$ref"]!.DeepClone(),
            ["definitions"] = new JsonObject(definitions.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Key, d.Value?.DeepClone()))),
        };
        return schema.ToJsonString(Readable) + "\n";
    }
}
