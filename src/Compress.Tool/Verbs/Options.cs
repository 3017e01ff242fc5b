using System.CommandLine;

namespace Compress.Tool.Verbs;

/// <summary>Options that several verbs have.</summary>
internal static class Options
{
    public const string DefaultPolicy = "compress.yaml";

    /// <summary>A model's path. A misspelt option is not one.</summary>
    public static Argument<T> Model<T>(string description)
    {
        var argument = new Argument<T>("model") { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault()?.Value is ['-', ..] option) result.AddError($"There is no option '{option}'.");
        });
        return argument;
    }

    public static Option<string> Policy() => new("--policy", "-p") { Description = "The policy.", DefaultValueFactory = _ => DefaultPolicy };

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    public static Option<int> Threads() => new("--threads") { Description = "Threads; the result is the same with any number.", DefaultValueFactory = _ => Environment.ProcessorCount };
}
