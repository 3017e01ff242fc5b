using System.Text.Json.Nodes;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A section, or a word that stands for a fixed record: `quantize: none`.</summary>
internal sealed class SectionOr<T>(Section<T> section, (string Word, T? Value)[] words) : Kind<T?>
{
    public override string Expected => $"{string.Join(", ", words.Select(w => $"'{w.Word}'"))} or {section.Expected}";

    public override IReadOnlyList<Key> Keys => section.Keys;

    public override T? Read(YamlValue value, Place place)
    {
        if (value is not YamlScalar { IsNothing: false } scalar) return value is YamlMap ? section.Read(value, place) : throw WrongType(value, place);
        var at = Array.FindIndex(words, w => w.Word == scalar.Text);
        return at >= 0 ? words[at].Value : throw Codes.UnknownValue(place.Subject, scalar.Text, $"It takes {Expected}.", place.Location).Error();
    }

    public override YamlValue Merge(YamlValue shared, YamlValue own) => section.Merge(shared, own);

    public override JsonObject Schema(JsonObject definitions) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w.Word)]) },
            section.Schema(definitions)),
    };
}
