using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Compress.Emit;

/// <summary>One model on the way from float to the smallest.</summary>
/// <param name="Budget">How many times less of the bounded cost was asked for; 1 for the float model.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Latency">Milliseconds of one run on one thread.</param>
/// <param name="Metric">In the metric's unit.</param>
/// <param name="Margin">Half the width of the 95 % interval of its difference to the float model's; null when unknown.</param>
public sealed record FrontPoint(double Budget, double Size, double Macs, double Bops, double Latency, double Metric, double? Margin)
{
    /// <summary>No other point has as little of the bounded cost with as good a metric.</summary>
    public bool OnFront { get; init; }

    /// <summary>The plan, in the form of the lock file; null for the float model.</summary>
    public JsonObject? Plan { get; init; }
}

/// <summary>What a model's metric costs: points from the float model to the smallest, by the cost that was bounded.</summary>
/// <param name="By">"size", "bops" or "latency".</param>
/// <param name="Metric">Its name as in the policy; "divergence" from the float model's outputs where the policy has no validation data.</param>
public sealed record Front(string Model, string Method, string By, string Metric, bool HigherIsBetter, IReadOnlyList<FrontPoint> Points)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same points with <see cref="FrontPoint.OnFront"/> as it is.</summary>
    public Front Marked() => this with { Points = [.. Points.Select(point => point with { OnFront = !Points.Any(other => Beats(other, point)) })] };

    /// <summary>What is bounded.</summary>
    public double Cost(FrontPoint point) => By switch { "bops" => point.Bops, "latency" => point.Latency, _ => point.Size };

    public string ToJson()
    {
        var points = Points.Select(point => new JsonObject
        {
            ["budget"] = point.Budget, ["size"] = point.Size, ["macs"] = point.Macs, ["bops"] = point.Bops, ["latency"] = Math.Round(point.Latency, 4),
            ["metric"] = Finite(point.Metric), ["margin"] = point.Margin is { } margin ? Finite(margin) : null, ["onFront"] = point.OnFront, ["plan"] = point.Plan?.DeepClone(),
        });
        return new JsonObject { ["model"] = Model, ["method"] = Method, ["by"] = By, ["metric"] = Metric, ["higherIsBetter"] = HigherIsBetter, ["points"] = new JsonArray([.. points]) }.ToJsonString(Readable) + "\n";
    }

    /// <summary>One line a point; the plans are in the JSON only.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder($"budget,size,macs,bops,latency_ms,{Metric},margin,on_front\n");
        foreach (var point in Points)
            text.Append(CultureInfo.InvariantCulture, $"{point.Budget},{point.Size},{point.Macs},{point.Bops},{point.Latency:0.####},{point.Metric:0.######},{point.Margin:0.######},{(point.OnFront ? 1 : 0)}\n");
        return text.ToString();
    }

    private bool Beats(FrontPoint other, FrontPoint point)
    {
        var (cheaper, better) = (Cost(other).CompareTo(Cost(point)), HigherIsBetter ? point.Metric.CompareTo(other.Metric) : other.Metric.CompareTo(point.Metric));
        return cheaper <= 0 && better <= 0 && (cheaper < 0 || better < 0);
    }

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 9) : null;
}
