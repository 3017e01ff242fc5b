using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Compress.Core.Tests.Policy;

/// <summary>What an editor does with a schema: YAML to JSON by YAML's own rules, then those words of draft-07 that the schema may use.</summary>
internal static class SchemaValidator
{
    /// <summary>The first complaint; null: the text is valid.</summary>
    public static string? Complaint(string schema, string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = JsonNode.Parse(schema)!.AsObject();
        return Check(root, root, Json(stream.Documents[0].RootNode), "$");
    }

    private static string? Check(JsonObject root, JsonObject schema, JsonNode? value, string path)
    {
        foreach (var (word, argument) in schema)
        {
            var complaint = word switch
            {
                "$schema" or "title" or "description" or "definitions" => null,
                "$ref" => Check(root, root["definitions"]![argument!.ToString().Split('/')[^1]]!.AsObject(), value, path),
                "anyOf" => argument!.AsArray().Any(a => Check(root, a!.AsObject(), value, path) is null) ? null : "fits no alternative",
                "type" => Type(value) == argument!.ToString() || (Type(value) == "integer" && argument.ToString() == "number") ? null : $"is no {argument}",
                "enum" => argument!.AsArray().Any(a => JsonNode.DeepEquals(a, value)) ? null : "is none of the words",
                "pattern" => value is not JsonValue || Regex.IsMatch(value.ToString(), argument!.ToString()) ? null : "does not fit the pattern",
                "minLength" => value!.ToString().Length >= (int)argument! ? null : "is too short",
                "minimum" => (double)value! >= (double)argument! ? null : "is too small",
                "exclusiveMinimum" => (double)value! > (double)argument! ? null : "is too small",
                "maximum" => (double)value! <= (double)argument! ? null : "is too large",
                "minItems" => value!.AsArray().Count >= (int)argument! ? null : "has too few entries",
                "minProperties" => value!.AsObject().Count >= (int)argument! ? null : "has too few keys",
                "uniqueItems" => value!.AsArray().Select(i => i!.ToJsonString()).Distinct().Count() == value.AsArray().Count ? null : "has equal entries",
                "items" => value!.AsArray().Select((item, i) => Check(root, argument!.AsObject(), item, $"{path}[{i}]")).FirstOrDefault(c => c is not null),
                "required" => argument!.AsArray().All(k => value!.AsObject().ContainsKey(k!.ToString())) ? null : $"lacks one of {argument.ToJsonString()}",
                "properties" => value!.AsObject().Where(p => argument!.AsObject().ContainsKey(p.Key))
                    .Select(p => Check(root, argument![p.Key]!.AsObject(), p.Value, $"{path}.{p.Key}")).FirstOrDefault(c => c is not null),
                "additionalProperties" => value!.AsObject().Where(p => schema["properties"]?[p.Key] is null)
                    .Select(p => argument is JsonObject inner ? Check(root, inner, p.Value, $"{path}.{p.Key}") : $"does not allow {p.Key}").FirstOrDefault(c => c is not null),
                _ => throw new NotSupportedException($"The schema uses '{word}', which this validator does not know."),
            };
            if (complaint is not null) return complaint.StartsWith('$') ? complaint : $"{path} {complaint}";
        }

        return null;
    }

    private static string Type(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ when value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
        _ when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => (double)value == Math.Floor((double)value) ? "integer" : "number",
        _ => "string",
    };

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(e => KeyValuePair.Create(((YamlScalarNode)e.Key).Value!, Json(e.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: not YamlDotNet.Core.ScalarStyle.Plain } quoted => quoted.Value,
        YamlScalarNode { Value: "" or "~" or "null" } => null,
        YamlScalarNode { Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode scalar when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new NotSupportedException(node.NodeType.ToString()),
    };
}
