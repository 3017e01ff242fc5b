using System.CommandLine;
using System.Text.Json.Nodes;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>`compress MODEL`: one model, or every model that the policy names.</summary>
internal sealed class CompressVerb
{
    private readonly Argument<string?> model = Options.Model<string?>("The float model; without it, every model that the policy names.");
    private readonly Option<string> policy = Options.Policy();
    private readonly Option<string?> output = new("--output", "-o") { Description = "The compressed model, or a folder (which exists or ends in /). Default: NAME.compressed.onnx beside the model. For several models, a folder." };
    private readonly Option<string?> report = new("--report", "-r") { Description = "JSON report, or a folder (which exists or ends in /); an HTML page is written beside it. For several models, a folder." };
    private readonly Option<bool> json = Options.Json("Print the report as JSON, and nothing else.");
    private readonly Option<string?> configuration = Options.Configuration();
    private readonly Option<bool> locked = new("--locked") { Description = "Refuse to search: the lock file must fit." };
    private readonly Option<string?> lockFile = new("--lock") { Description = $"The lock file. Default: {LockFile.Name} beside the policy." };
    private readonly Option<string?> cache = Options.Cache();
    private readonly Option<double?> minutes = Options.Minutes();
    private readonly Option<int> threads = Options.Threads();
    private readonly Option<string?> work = new("--work") { Description = "Folder where the best candidate stays when the gate is missed. Default: beside the output." };
    private readonly Option<string?> depends = new("--depends") { Hidden = true };
    private readonly Option<string?> log = new("--log") { Hidden = true };
    private readonly Option<string?> target = new("--target") { Hidden = true };
    private readonly Option<string?> referenced = new("--onnxruntime") { Hidden = true };
    private readonly Terminal terminal;
    private readonly CancellationToken cancellation;

    /// <summary>Before anything was read.</summary>
    private readonly DateTime started = DateTime.UtcNow;

    public CompressVerb(Terminal terminal, CancellationToken cancellation)
    {
        (this.terminal, this.cancellation) = (terminal, cancellation);
        model.Arity = ArgumentArity.ZeroOrOne;
        Command = new("compress", "Compress one model, or every model of the policy.") { model, policy, output, report, json, configuration, locked, lockFile, cache, minutes, threads, work, depends, log, target, referenced };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        terminal.Quiet = parsed.GetValue(json);
        var file = Path.GetFullPath(parsed.GetValue(policy)!);
        var only = parsed.GetValue(model);
        if (only is not null && !File.Exists(only) && !File.Exists(file)) throw Codes.BadArguments($"There is no file '{only}', no command of that name, and no policy '{parsed.GetValue(policy)}'.").Error();
        var read = PolicyReader.Read(file);
        var named = parsed.GetValue(configuration);
        IReadOnlyList<ModelPolicy> models = only is not null ? [read.For(only, named)] : [.. read.Models.Where(m => m.AppliesTo(named))];
        if (models.Count == 0) throw Codes.NoModel(new(file, 1, 1), named).Error();
        (string, string)[] inputs = [(file, "the policy"), (LockPath(parsed, file), "the lock file"), .. read.Models.Concat(models).SelectMany(m => m.Files().Select(path => (path, path == m.Model.Value ? "a float model" : "a file that the policy names")))];
        var places = new OutputPlaces(file, inputs).Of(models, parsed.GetValue(output), parsed.GetValue(report), parsed.GetValue(work));
        var reports = new JsonArray();
        var codes = places.Select(place => Code(() => Compress(place, file, parsed, reports))).ToList();
        if (parsed.GetValue(json) && reports.Count > 0) terminal.Output.Write(only is null && models.Count > 1 ? JsonText.Of(reports) : JsonText.Of(reports[0]!));
        return codes.Max();
    }

    /// <summary>A model that fails does not keep the others from being compressed.</summary>
    private int Code(Func<int> compress)
    {
        try
        {
            return compress();
        }
        catch (CompressionException failure)
        {
            terminal.Report(failure.Diagnostic);
            return ExitCode.Of(failure.Diagnostic);
        }
    }

    private int Compress(OutputPlace outputs, string policyFile, ParseResult parsed, JsonArray reports)
    {
        var (model, place) = (outputs.Policy, outputs.Model);
        model.CheckFiles(parsed.GetValue(configuration));
        var lockPath = LockPath(parsed, policyFile);
        var request = new CompressionRequest
        {
            Policy = model,
            PolicyFile = policyFile,
            Output = place,
            Report = outputs.Report,
            WorkFolder = outputs.Work,
            LockFile = lockPath,
            Locked = parsed.GetValue(locked),
            ReferencedRuntime = parsed.GetValue(referenced),
            CacheFolder = (parsed.GetValue(cache) ?? ResultCache.DefaultFolder) is var folder and not ResultCache.None ? folder : null,
            SearchTime = Options.Time(parsed.GetValue(minutes)),
            Threads = parsed.GetValue(threads),
            Reporter = terminal,
        };
        if (!model.AppliesTo(parsed.GetValue(configuration))) return Ship(request, policyFile, parsed, reports);

        var result = Compressor.Run(request, cancellation);
        reports.Add(JsonNode.Parse(ReportJson.Write(result.Report)));
        if (!result.Passed) return ExitCode.Missed;
        terminal.Stage(Summary.Of(model.Model.Value, result));
        Remember(model, place, [policyFile, .. result.FilesRead, .. File.Exists(lockPath) ? [lockPath] : Array.Empty<string>(), .. SampleFolders.Of(model)], parsed);
        return ExitCode.Done;
    }

    private string LockPath(ParseResult parsed, string policyFile) => Path.GetFullPath(parsed.GetValue(lockFile) ?? Path.Combine(Path.GetDirectoryName(policyFile)!, LockFile.Name));

    /// <summary>The policy is for other configurations: the float model ships as it is.</summary>
    private int Ship(CompressionRequest request, string policyFile, ParseResult parsed, JsonArray reports)
    {
        var (model, place) = (request.Policy, request.Output);
        var reason = $"the policy compresses it for {string.Join(" and ", model.When)}, this is {parsed.GetValue(configuration)}";
        OutputFiles.PassOn(request);
        terminal.Stage($"{Path.GetFileName(place)} is left as it is: {reason}");
        reports.Add(new JsonObject { ["model"] = Path.GetFileName(model.Model.Value), ["leftAsItIs"] = reason });
        Remember(model, place, [policyFile, model.Model.Value], parsed);
        return ExitCode.Done;
    }

    /// <summary>What the build wants to know the next time: the place in the application, the warnings, and, last of all, the files that the result depends on.</summary>
    private void Remember(ModelPolicy model, string place, IEnumerable<string> files, ParseResult parsed)
    {
        WriteOrDelete(parsed.GetValue(target), model.Output ?? "");
        WriteOrDelete(parsed.GetValue(log), string.Concat(terminal.TakeWarnings().Select(line => line + "\n")));
        if (parsed.GetValue(depends) is not { } path) return;
        AtomicFile.Change(place, file => File.SetLastWriteTimeUtc(file, started)); // newer than all that it was made from, older than what was edited meanwhile
        DependencyFile.Write(path, files);
    }

    private static void WriteOrDelete(string? path, string text)
    {
        if (path is null) return;
        if (text.Length > 0) AtomicFile.Write(path, text);
        else AtomicFile.Change(path, File.Delete);
    }
}
