using System.CommandLine;
using System.Globalization;
using Compress.Data;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>Options that several verbs have.</summary>
internal static class Options
{
    public const string DefaultPolicy = CompressionPolicy.FileName;

    private const int MostThreads = 256;

    /// <summary>Seven weeks: about as long as a timer can run.</summary>
    private const int MostMinutes = 70_000;

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

    public static Option<string?> Configuration() => new("--configuration", "-c") { Description = "Build configuration, for policies with 'when:'." };

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    /// <summary>Time for a search, see <see cref="Time"/>.</summary>
    public static Option<double?> Minutes(string description = "Time for the search; when it is up, the best plan so far is carried out.")
    {
        return new("--minutes")
        {
            Description = description,
            CustomParser = result =>
            {
                var minutes = Number(result.Tokens[0].Value);
                if (minutes is not (> 0 and <= MostMinutes)) result.AddError($"--minutes takes a number above 0, up to {MostMinutes}.");
                return minutes;
            },
        };
    }

    /// <summary>Not-a-number where the text is none.</summary>
    public static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    public static TimeSpan? Time(double? minutes) => minutes is { } time ? TimeSpan.FromMinutes(time) : null;

    public static Option<string?> Cache() => new("--cache") { Description = $"Folder where results are kept and found again, or '{ResultCache.None}'. Default: a folder of the user's, or the variable COMPRESS_CACHE." };

    public static Option<int> Threads()
    {
        return new("--threads")
        {
            Description = "Threads; the result is the same with any number.",
            DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, MostThreads),
            CustomParser = result =>
            {
                if (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) || threads is < 1 or > MostThreads) result.AddError($"'--threads' is a whole number from 1 to {MostThreads}.");
                return threads;
            },
        };
    }
}
