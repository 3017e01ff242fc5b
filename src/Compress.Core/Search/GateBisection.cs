using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// The smallest model that passes the gate, by bisection on its size. Where the widest model has room for it, the whole 95 % interval of the drop must pass:
/// the best of several that pass by their value alone is likely to owe that to the samples.
/// </summary>
internal static class GateBisection
{
    private const double LargestFactor = 40;
    private const int Bisections = 5;

    /// <param name="start">The widest model.</param>
    /// <param name="attempt">The candidate that a method finds within limits; null: none.</param>
    public static Candidate Smallest(SearchContext context, Candidate start, Func<Dictionary<Resource, double>, Candidate?> attempt)
    {
        var best = context.Measure(start);
        if (!context.IsGated || !best.Passes) return best;
        var surely = best.Verdict is { Surely: true };
        var (low, high) = (Math.Log((double)context.FloatSize / best.Size), Math.Log(LargestFactor));
        for (var i = 0; i < Bisections && context.Course.GoesOn((double)i / Bisections); i++)
        {
            var middle = (low + high) / 2;
            var limits = new Dictionary<Resource, double> { [Resource.Size] = context.FloatSize / Math.Exp(middle) };
            var candidate = attempt(limits) is { } built ? context.Measure(built) : null;
            var passes = candidate?.Verdict is { } verdict && (surely ? verdict.Surely : verdict.Passed);
            context.Reporter.Stage($"{Math.Exp(middle):0.#} times smaller: {(candidate is null ? "out of reach" : $"worse by {candidate.Verdict!.Drop:0.###} ± {candidate.Verdict.Margin:0.###}, {(passes ? "passes" : candidate.Passes ? "passes by chance only" : "misses the gate")}")}");
            if (passes) low = middle;
            else high = middle;
            // A tighter limit may end in a larger file: every bit-width brings nodes of its own, which small files feel.
            if (passes && candidate!.Size < best.Size) best = candidate;
        }
        return best;
    }
}
