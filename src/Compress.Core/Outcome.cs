using System.Text.Json.Nodes;
using Compress.Emit;
using Compress.Plan;

namespace Compress;

/// <summary>What a compression found, before it is held against gate and budget: the model's bytes, the plan behind them and the facts about them.</summary>
/// <param name="Machine">Where latency was measured, in words.</param>
internal sealed record Outcome(byte[] Model, CompressionPlan Plan, Report Report, string Machine)
{
    /// <summary>In the figures of a model that is passed on as it came: the warnings that say why.</summary>
    public const string Reasons = "reasons";

    /// <summary>All but the model itself.</summary>
    public JsonObject ToJson() => new()
    {
        ["machine"] = Machine,
        ["plan"] = PlanJson.Write(Plan),
        ["report"] = JsonNode.Parse(ReportJson.Write(Report)),
    };

    /// <param name="model">The model's bytes.</param>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    public static Outcome Of(byte[] model, JsonNode json) =>
        new(model, PlanJson.Read(json["plan"]!), ReportJson.Read(json["report"]!.ToJsonString()), json["machine"]!.GetValue<string>());

    /// <summary>The figures for the lock file: what was counted and measured, and on which kind of machine.</summary>
    public JsonObject Figures()
    {
        var figures = ReportJson.Figures(Report);
        figures["machine"] = Machine;
        if (Plan.ChangesNothing) figures[Reasons] = new JsonArray([.. Report.Warnings.Where(line => NeverWorse.Reasons.Contains(line.Split(':')[0])).Select(line => (JsonNode)line)]);
        return figures;
    }
}
