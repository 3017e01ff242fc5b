using System.Diagnostics;
using System.Globalization;
using Compress.Testing;

namespace Compress.Bench;

/// <summary>Random graphs through the whole path; every failure with the seed that repeats it.</summary>
internal static class FuzzVerb
{
    /// <summary>Of so many graphs one goes through the product's own flow and search, which takes longer.</summary>
    private const int WholeEvery = 50;

    public static string Run(int count, int seed)
    {
        var (clock, failures) = (Stopwatch.StartNew(), new List<string[]>());
        for (var i = 0; i < count; i++)
        {
            var one = seed + i;
            var whole = one % WholeEvery == 0;
            if (Fuzz.Run(one, Repository.Results("fuzz-cases", $"{one}"), whole) is { } failure)
            {
                failures.Add([one.ToString(CultureInfo.InvariantCulture), whole ? "search" : "plan", failure]);
                Console.Error.WriteLine($"seed {one}: {failure}");
            }
            if ((i + 1) % 100 == 0) Console.Error.WriteLine($"{i + 1} graphs, {failures.Count} failed ({clock.Elapsed.TotalSeconds:0} s)");
        }
        return $"{count} graphs, seeds {seed} to {seed + count - 1}: {failures.Count} failed ({clock.Elapsed.TotalSeconds:0} s)\n\n" + (failures.Count > 0 ? Markdown.Table(["seed", "path", "failure"], failures) : "");
    }
}
