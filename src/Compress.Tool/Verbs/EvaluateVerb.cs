using System.CommandLine;
using System.Text.Json.Nodes;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Tool.Verbs;

/// <summary>`evaluate MODEL`: the policy's metric on any model, float or compressed.</summary>
internal sealed class EvaluateVerb
{
    private readonly Argument<string> model = Options.Model<string>("The model to measure.");
    private readonly Option<string> policy = Options.Policy();
    private readonly Option<string?> original = new("--as") { Description = "The float model whose entry of the policy holds. Default: the one of the same name, or the only one." };
    private readonly Option<string?> configuration = Options.Configuration();
    private readonly Option<bool> json = Options.Json("Print metric, value and samples as JSON.");
    private readonly Option<int> threads = Options.Threads();
    private readonly Terminal terminal;
    private readonly CancellationToken cancellation;

    public EvaluateVerb(Terminal terminal, CancellationToken cancellation)
    {
        (this.terminal, this.cancellation) = (terminal, cancellation);
        Command = new("evaluate", "Measure a model on the policy's validation data.") { model, policy, original, configuration, json, threads };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var path = Path.GetFullPath(parsed.GetValue(model)!);
        var entry = EntryOf(PolicyReader.Read(parsed.GetValue(policy)!), path, parsed.GetValue(original), parsed.GetValue(configuration));
        NativeRuntime.Use(entry.Runtime?.Value, entry.Runtime?.Location);
        ExecutionProvider.Use(entry.Provider, entry.Where("provider"));
        var float32 = OnnxReader.Read(entry.Model.Value);
        using var evaluator = Evaluator.For(entry.Accuracy, LoadableModel.AsRead(float32), Validation.Open(entry, float32), parsed.GetValue(threads))
            ?? throw Codes.NothingToEvaluate(entry.Accuracy?.Location ?? entry.Model.Location).Error();
        var measured = evaluator.Measure(BytesOf(path, float32, withData: entry.Accuracy!.Metric != MetricKind.Command), cancellation);

        var metric = entry.Accuracy!.Metric.ToString().ToLowerInvariant();
        if (parsed.GetValue(json)) terminal.Output.Write(JsonText.Of(new JsonObject { ["metric"] = metric, ["value"] = double.IsFinite(measured.Value) ? measured.Value : null, ["samples"] = measured.Samples }));
        else terminal.Output.WriteLine($"{metric} {MetricText.Of(measured.Value)} over {measured.Samples} samples");
        return ExitCode.Done;
    }

    private static ModelPolicy EntryOf(CompressionPolicy policy, string path, string? original, string? configuration)
    {
        if (original is not null || policy.Models.Any(entry => entry.Model.Value == path)) return policy.For(original ?? path, configuration);
        var entries = policy.Models.Where(entry => entry.AppliesTo(configuration)).ToList();
        var likely = entries.Where(entry => Path.GetFileName(entry.Model.Value) == Path.GetFileName(path)).ToList();
        return policy.For((likely.Count == 1 ? likely[0] : entries.Count == 1 ? entries[0] : null)?.Model.Value ?? path, configuration);
    }

    /// <summary>The file as it is; external data are taken in.</summary>
    private static byte[] BytesOf(string path, OnnxModel original, bool withData)
    {
        var read = OnnxReader.Read(path);
        if (withData) CheckInputs(path, read, original);
        return read.Files.Count == 1 ? File.ReadAllBytes(path) : OnnxWriter.ToBytes(read);
    }

    private static void CheckInputs(string path, OnnxModel read, OnnxModel original)
    {
        string[] known = [.. ModelInput.Of(original.Graph).Select(input => input.Name)];
        if (ModelInput.Of(read.Graph).FirstOrDefault(input => !known.Contains(input.Name)) is { } foreign) throw Codes.InputsDiffer(path, foreign.Name, original.Files[0], known).Error();
    }
}
