using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Compress.Emit;

/// <summary>The report as JSON: camel case, in the order of <see cref="Report"/>, absent where null; a number that is not finite is null.</summary>
public static class ReportJson
{
    private static readonly string[] NoFigures = ["model", "method", "target", "layers", "groups", "warnings"];

    private static readonly ReportContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumber() },
        WriteIndented = true,
        NewLine = "\n",
    });

    public static string Write(Report report) => JsonSerializer.Serialize(report, Context.Report) + "\n";

    /// <summary>What <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">It is no report.</exception>
    public static Report Read(string json) => JsonSerializer.Deserialize(json, Context.Report) ?? throw new JsonException("The report is empty.");

    /// <summary>The figures alone, for the lock file: what was measured and counted, not what became of each layer and group.</summary>
    public static JsonObject Figures(Report report)
    {
        var figures = JsonSerializer.SerializeToNode(report with { Layers = [], Groups = [], Warnings = [] }, Context.Report)!.AsObject();
        foreach (var name in NoFigures) figures.Remove(name);
        figures["bops"]!.AsObject().Remove("otherConventions");
        return figures;
    }

    /// <summary>The report with what earlier <see cref="Figures"/> say of everything that is measured: metric and latency.</summary>
    /// <exception cref="JsonException">They are no figures.</exception>
    public static Report WithMeasured(Report report, JsonNode figures) => report with
    {
        Metric = JsonSerializer.Deserialize(figures["metric"], Context.MetricFigures),
        Latency = JsonSerializer.Deserialize(figures["latency"], Context.Figures),
    };

    /// <summary>JSON has no infinity (the PSNR of equal images) and no not-a-number.</summary>
    private sealed class FiniteNumber : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}

/// <summary>Generated: no reflection when the tool starts.</summary>
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportContext : JsonSerializerContext;
