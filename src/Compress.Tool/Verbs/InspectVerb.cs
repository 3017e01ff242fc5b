using System.CommandLine;
using System.Text.Json.Nodes;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>`inspect MODEL`: the names that policies match, what each layer costs, and which channels live and die together.</summary>
internal sealed class InspectVerb
{
    private readonly Argument<string> model = Options.Model<string>("The model.");
    private readonly Option<string?> policy = new("--policy", "-p") { Description = "Take a sample of its calibration data to find shapes; without it, zeros with open dimensions as one." };
    private readonly Option<string?> configuration = Options.Configuration();
    private readonly Option<bool> groups = new("--groups") { Description = "List the channel groups." };
    private readonly Option<bool> json = Options.Json("Print everything as JSON.");
    private readonly Terminal terminal;

    public InspectVerb(Terminal terminal)
    {
        this.terminal = terminal;
        Command = new("inspect", "List layers, channel groups and costs of a model.") { model, policy, configuration, groups, json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var read = OnnxReader.Read(Path.GetFullPath(parsed.GetValue(model)!));
        var shapes = ObservedShapes.Observe(read, Feed(read, parsed.GetValue(policy), parsed.GetValue(configuration)));
        var layers = Costs.Layers(read, shapes);
        if (parsed.GetValue(json))
        {
            terminal.Output.Write(JsonText.Of(AsJson(read, layers, ChannelGroups.Find(read, shapes))));
            return ExitCode.Done;
        }
        Print(read, layers);
        if (Stored(read) is { Count: > 0 } stored) terminal.Output.WriteLine($"\nonly stored in fewer bits: {string.Join(", ", stored.Select(node => $"{node.Name} ({node.Op})"))}");
        if (parsed.GetValue(groups)) Print(ChannelGroups.Find(read, shapes));
        return ExitCode.Done;
    }

    /// <summary>What rules match beside layers: embeddings, recurrent nodes, control flow with weights within.</summary>
    private static IReadOnlyList<(string Name, string Op)> Stored(OnnxModel model) =>
        [.. Tables.Of(model, Layers.Of(model)).Select(table => (table.Name, table.Op)), .. InnerWeights.Holders(model.Graph).Select(node => (LayerNames.Of(node), node.Op))];

    private static IReadOnlyDictionary<string, Tensor> Feed(OnnxModel model, string? policyFile, string? configuration)
    {
        if (policyFile is null) return BlankFeed.For(model);
        var calibration = PolicyReader.Read(policyFile).For(model.Files[0], configuration).Calibration;
        return calibration is null ? BlankFeed.For(model) : DatasetReader.Open(calibration.Data, calibration.Preprocess, ModelInput.Of(model.Graph), []).Read(0, 1, 1).First().Inputs;
    }

    private void Print(OnnxModel read, IReadOnlyList<LayerShape> layers)
    {
        foreach (var input in ModelInput.Of(read.Graph)) terminal.Output.WriteLine($"input {input.Name}: {input}");
        terminal.Output.WriteLine(FormattableString.Invariant($"opset {read.Opset}, {read.Graph.Nodes.Count} nodes, {Costs.FileBytes(read):#,0} bytes, {Costs.Macs(layers):#,0} MACs\n"));
        var width = Math.Max(5, layers.Max(layer => (int?)layer.Name.Length) ?? 0);
        terminal.Output.WriteLine($"{"layer".PadRight(width)}  {"operator",-13} {"channels",13} {"kernel",6} {"weights",12} {"MACs",15}");
        foreach (var layer in layers)
            terminal.Output.WriteLine(FormattableString.Invariant($"{layer.Name.PadRight(width)}  {layer.Op,-13} {$"{layer.InChannels} > {layer.OutChannels}",13} {layer.Kernel,6} {layer.Weights,12:#,0} {layer.Macs,15:#,0}"));
    }

    private void Print(ChannelGroupSet set)
    {
        terminal.Output.WriteLine("\nchannel groups");
        foreach (var group in set.Groups)
            terminal.Output.WriteLine($"{group.Id}: {group.Channels} channels of {string.Join(", ", group.Layers)}{(group.Closed is null ? "" : $"; none can go: {group.Closed}")}");
    }

    private static JsonObject AsJson(OnnxModel read, IReadOnlyList<LayerShape> layers, ChannelGroupSet set) => new()
    {
        ["opset"] = read.Opset,
        ["nodes"] = read.Graph.Nodes.Count,
        ["bytes"] = Costs.FileBytes(read),
        ["macs"] = Costs.Macs(layers),
        ["layers"] = new JsonArray([.. layers.Select(layer => new JsonObject
        {
            ["name"] = layer.Name, ["type"] = layer.Op, ["inChannels"] = layer.InChannels, ["outChannels"] = layer.OutChannels,
            ["groups"] = layer.Groups, ["kernel"] = layer.Kernel, ["weights"] = layer.Weights, ["macs"] = layer.Macs,
        })]),
        ["stored"] = new JsonArray([.. Stored(read).Select(node => new JsonObject { ["name"] = node.Name, ["type"] = node.Op })]),
        ["groups"] = new JsonArray([.. set.Groups.Select(group => new JsonObject
        {
            ["id"] = group.Id, ["channels"] = group.Channels, ["layers"] = new JsonArray([.. group.Layers.Select(layer => (JsonNode)layer)]), ["closed"] = group.Closed,
        })]),
    };
}
