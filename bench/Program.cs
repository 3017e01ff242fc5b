using System.CommandLine;
using Compress.Bench;

// dotnet run -c Release --project bench -- table --only resnet20
var assets = new Option<string>("--assets") { Description = "Folder with models/, data/ and peers/.", DefaultValueFactory = _ => Path.Combine(Repository.Root, "testassets"), Recursive = true };
var only = new Option<string[]>("--only") { Description = "Rows whose name contains one of these.", AllowMultipleArgumentsPerToken = true };
var minutes = new Option<double>("--minutes") { Description = "Starts no further row after this time.", DefaultValueFactory = _ => double.PositiveInfinity };
var seconds = new Option<double>("--seconds") { Description = "When the search of a model ends with the best plan so far.", DefaultValueFactory = _ => 20 };
var count = new Option<int>("--count") { Description = "Graphs.", DefaultValueFactory = _ => 2000 };
var seed = new Option<int>("--seed") { Description = "Seed of the first graph; each further one has the next.", DefaultValueFactory = _ => 1 };
var rounds = new Option<int>("--rounds") { Description = "Pairs of builds.", DefaultValueFactory = _ => 15 };

Command Verb(string name, string description, Func<ParseResult, Assets, string> table, params Option[] options)
{
    var verb = new Command(name, description);
    foreach (var option in options) verb.Options.Add(option);
    verb.SetAction(parsed => Console.Out.Write(table(parsed, new Assets(Path.GetFullPath(parsed.GetValue(assets)!)))));
    return verb;
}

var root = new RootCommand("The figures of README: every verb prints a table in Markdown, progress goes to the error stream.")
{
    assets,
    Verb("table", "Compress, measure and time the declared rows.", (parsed, where) => TableVerb.Run(where, parsed.GetValue(only)!, TimeSpan.FromMinutes(Math.Min(parsed.GetValue(minutes), 1e6))), only, minutes),
    Verb("methods", "Every method under the same budgets.", (parsed, where) => MethodsVerb.Run(where, parsed.GetValue(only)!, TimeSpan.FromMinutes(Math.Min(parsed.GetValue(minutes), 1e6))), only, minutes),
    Verb("methods-report", "The table of all methods measured so far.", (parsed, _) => MethodsVerb.Report(parsed.GetValue(only)!), only),
    Verb("pruning", "Criteria for channels, orders and recovery against each other.", (_, where) => PruningVerb.Run(where)),
    Verb("step", "A training step of the models against a forward pass.", (parsed, where) => StepVerb.Run(where, parsed.GetValue(only)!), only),
    Verb("report", "The table of all rows measured so far.", (parsed, _) => TableVerb.Report(parsed.GetValue(only)!), only),
    Verb("any", "Architectures of every kind under the policy that init writes.", (parsed, _) => AnyVerb.Run(parsed.GetValue(only)!, parsed.GetValue(seconds)), only, seconds),
    Verb("fuzz", "Random graphs through the whole path.", (parsed, _) => FuzzVerb.Run(parsed.GetValue(count), parsed.GetValue(seed)), count, seed),
    Verb("peers", "Other tools' files against ours, timed in turn in one run.", (parsed, where) => PeersVerb.Run(where, parsed.GetValue(only)!), only),
    Verb("build-overhead", "What the package adds to a build with nothing to do, to a locked build, and the time of one compression.", (parsed, where) => BuildOverheadVerb.Run(where, parsed.GetValue(rounds)), rounds),
};
return root.Parse(args).Invoke();
