using System.Text.Json.Nodes;

namespace Compress.Policy;

/// <summary>A value of another kind, or a word that stands for one.</summary>
internal sealed class OrWord<T>(Kind<T> kind, string word, T meaning) : Kind<T>
{
    public override string Expected => $"{kind.Expected}, or '{word}'";

    public override T Read(YamlValue value, Place place) => value is YamlScalar scalar && scalar.Text == word ? meaning : kind.Read(value, place);

    public override JsonObject Schema(JsonObject definitions) => new() { ["anyOf"] = new JsonArray(kind.Schema(definitions), new JsonObject { ["enum"] = new JsonArray(word) }) };
}
