using System.CommandLine;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>`search MODEL --pareto FILE`: what the metric costs, under one budget after the other.</summary>
internal sealed class SearchVerb
{
    private readonly Argument<string> model = Options.Model<string>("The float model.");
    private readonly Option<string> policy = Options.Policy();
    private readonly Option<string> pareto = new("--pareto") { Required = true, Description = "Where the front goes: FILE.json or FILE.csv; the other form is written beside it." };
    private readonly Option<FrontCost> by = new("--by") { Description = "The cost that is bounded.", DefaultValueFactory = _ => FrontCost.Size };
    private readonly Option<double[]> factors = new("--factors") { Description = "Budgets: how many times less than the float model's. Default: 4 to 20 for size, 16 to 200 for bops, 1.25 to 4 for latency.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double?> minutes = Options.Minutes("Time for all budgets together; when it is up, the front ends there.");
    private readonly Option<string?> configuration = Options.Configuration();
    private readonly Option<string?> cache = Options.Cache();
    private readonly Option<int> threads = Options.Threads();
    private readonly Terminal terminal;
    private readonly CancellationToken cancellation;

    public SearchVerb(Terminal terminal, CancellationToken cancellation)
    {
        (this.terminal, this.cancellation) = (terminal, cancellation);
        pareto.Validators.Add(result =>
        {
            if (Path.GetExtension(result.GetValueOrDefault<string>()) is not (".json" or ".csv")) result.AddError("--pareto takes a file that ends in .json or .csv.");
        });
        // With the 'x' that policies have behind them, or without.
        factors.CustomParser = result =>
        {
            double[] read = [.. result.Tokens.Select(token => Options.Number(token.Value.EndsWith('x') ? token.Value[..^1] : token.Value))];
            if (!read.All(factor => factor is > 1 and < 1e6)) result.AddError("--factors takes numbers above 1, such as 4 8 12.");
            return read;
        };
        by.CustomParser = result =>
        {
            if (!Enum.TryParse<FrontCost>(result.Tokens[0].Value, ignoreCase: true, out var cost) || !result.Tokens[0].Value.All(char.IsLetter)) result.AddError("--by takes one of size, bops, latency.");
            return cost;
        };
        Command = new("search", "Find the front of size, bit operations or latency against the metric, with the policy's method under one budget after the other in place of its own, untrained.") { model, policy, configuration, pareto, by, factors, minutes, cache, threads };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var named = parsed.GetValue(pareto)!;
        var (file, place) = (Path.GetFullPath(parsed.GetValue(policy)!), Path.GetFullPath(named));
        AtomicFile.CheckPlace(place);
        var policies = PolicyReader.Read(file);
        var entry = policies.For(parsed.GetValue(model)!, parsed.GetValue(configuration));
        string[] kept = [file, Path.Combine(Path.GetDirectoryName(file)!, LockFile.Name), .. policies.Models.Append(entry).SelectMany(m => m.Files())];
        OutputFiles.Check(Forms(place), kept.Select(path => (path, "what is read")));
        var request = new CompressionRequest
        {
            Policy = entry,
            PolicyFile = file,
            Output = place,
            CacheFolder = (parsed.GetValue(cache) ?? ResultCache.DefaultFolder) is var folder and not ResultCache.None ? folder : null,
            SearchTime = Options.Time(parsed.GetValue(minutes)),
            Threads = parsed.GetValue(threads),
            Reporter = terminal,
        };
        var asked = parsed.GetValue(factors) is { Length: > 0 } own ? own : FrontSearch.Ladder(parsed.GetValue(by));
        var front = FrontSearch.Run(request, parsed.GetValue(by), asked, so => Write(so, place), cancellation);
        Write(front, place);
        terminal.Stage($"{front.Points.Count(point => point.OnFront)} of {front.Points.Count} points are on the front: {named}");
        return ExitCode.Done;
    }

    private static void Write(Front front, string place)
    {
        var (json, csv) = (Forms(place)[0], Forms(place)[1]);
        AtomicFile.Write(json, front.ToJson());
        AtomicFile.Write(csv, front.ToCsv());
    }

    private static string[] Forms(string place) => [Path.ChangeExtension(place, ".json"), Path.ChangeExtension(place, ".csv")];
}
