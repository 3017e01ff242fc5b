using System.Collections.Immutable;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Search;

/// <summary>
/// Gives up what costs too much accuracy, the most harmful first, until the outputs are good enough: static ranges for dynamic ones, then layers' integer
/// arithmetic, then their few bits. What each alone does to the outputs is measured; how many must go is found by bisection, so that no more leave than have to.
/// </summary>
internal static class LayerFallback
{
    /// <summary>The static ranges of a candidate that could be dynamic, in a fixed order; none where the policy asks for static ones.</summary>
    public static IReadOnlyList<string> StaticRanges(SearchContext context, Candidate candidate) =>
        context.Policy.Quantize.Ranges == RangeSource.Static || candidate.Plan.Plain ? []
            : [.. candidate.Applied.Placement.MayBeDynamic.Where(value => candidate.Plan.ActivationBits.GetValueOrDefault(value) == 8).Except(candidate.Plan.DynamicRanges).Order(StringComparer.Ordinal)];

    /// <summary>Dynamic ranges for static ones.</summary>
    /// <returns>The candidate with the fewest; null: even with all of them it is not good enough, or there is none to exchange.</returns>
    public static (SearchContext Context, Candidate Candidate)? OfRanges(SearchContext context, Candidate missed, Func<SearchContext, Candidate> build, Func<Candidate, bool> isGood)
    {
        var ranges = StaticRanges(context, missed);
        CompressionPlan Alone(string value) => missed.Plan with { DynamicRanges = missed.Plan.DynamicRanges.Union(ranges).Remove(value) };
        return Fewest(context, ranges, Alone, values => Dynamic(context, values), build, isGood, "ranges are found as the model runs");
    }

    public static SearchContext Dynamic(SearchContext context, IEnumerable<string> values) => context with { DynamicRanges = context.DynamicRanges.Union(values) };

    /// <summary>Float arithmetic for integers.</summary>
    /// <param name="start">Operators and layers that are in float already, and the candidate, which is not good enough.</param>
    /// <param name="build">The candidate of a context.</param>
    /// <returns>The candidate with the fewest layers in float arithmetic; null: even with all of them it is not good enough, or there is none to give back.</returns>
    public static (SearchContext Context, Candidate Candidate)? OfArithmetic((SearchContext Context, Candidate Candidate) start, Func<SearchContext, Candidate> build, Func<Candidate, bool> isGood)
    {
        var (context, missed) = start;
        var layers = Names(context, i => missed.Plan.Layers[context.Facts.Layers[i].Name].Arithmetic == Arithmetic.Integer && context.Rules[i]?.Activations is null);
        SearchContext InFloat(IEnumerable<string> names) => context with { FloatLayers = context.FloatLayers.Union(names) };
        CompressionPlan Alone(string name) => missed.Plan with
        {
            Layers = missed.Plan.Layers.ToImmutableSortedDictionary(layer => layer.Key, layer => layer.Key == name ? layer.Value : layer.Value with { Arithmetic = Arithmetic.Float }, StringComparer.Ordinal),
        };
        return Fewest(context, layers, Alone, InFloat, build, isGood, "layers leave integer arithmetic");
    }

    /// <summary>The same for the weights of layers that compute in float already.</summary>
    public static (SearchContext Context, Candidate Candidate)? OfWeights(SearchContext context, Candidate missed, Func<SearchContext, Candidate> build, Func<Candidate, bool> isGood)
    {
        List<string> layers = [.. Names(context, i => missed.Plan.Layers[context.Facts.Layers[i].Name].IsCompressed && context.Rules[i]?.Weights is null), .. missed.Plan.SubGraphs];
        layers.AddRange(context.Facts.Tables.Where(table => missed.Plan.Tables.ContainsKey(table.Constant)).Select(table => table.Name).Distinct().Except(layers).ToArray());
        SearchContext Untouched(IEnumerable<string> names) => context with { UntouchedLayers = context.UntouchedLayers.Union(names) };
        CompressionPlan Alone(string name) => missed.Plan with
        {
            Layers = missed.Plan.Layers.ToImmutableSortedDictionary(layer => layer.Key, layer => layer.Key == name ? layer.Value : LayerChoice.Untouched, StringComparer.Ordinal),
            SubGraphs = missed.Plan.SubGraphs.Intersect([name]),
            Tables = missed.Plan.Tables.RemoveRange(context.Facts.Tables.Where(table => table.Name != name).Select(table => table.Constant)),
        };
        return Fewest(context, layers, Alone, Untouched, build, isGood, "layers keep their weights");
    }

    private static (SearchContext Context, Candidate Candidate)? Fewest(
        SearchContext context, IReadOnlyList<string> layers, Func<string, CompressionPlan> alone, Func<IEnumerable<string>, SearchContext> without, Func<SearchContext, Candidate> build, Func<Candidate, bool> isGood, string what)
    {
        if (layers.Count == 0) return null;
        var best = (Context: without(layers), Candidate: build(without(layers)), Count: layers.Count);
        if (!isGood(best.Candidate)) return null;
        var damage = layers.ToDictionary(name => name, name => AutoMethod.Damage(context, context.Sketch(alone(name))), StringComparer.Ordinal);
        // What is not a number harms most.
        List<string> ranked = [.. layers.OrderByDescending(name => double.IsNaN(damage[name]) ? double.PositiveInfinity : damage[name])];
        var tooFew = 0;
        while (best.Count - tooFew > 1)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var middle = (tooFew + best.Count) / 2;
            var variant = without(ranked.Take(middle));
            var candidate = build(variant);
            if (isGood(candidate)) best = (variant, candidate, middle);
            else tooFew = middle;
        }
        context.Reporter.Stage($"{best.Count} of {layers.Count} {what}, by measured damage: {string.Join(", ", ranked.Take(Math.Min(best.Count, 5)))}{(best.Count > 5 ? ", …" : "")}");
        return (best.Context, best.Candidate);
    }

    private static List<string> Names(SearchContext context, Func<int, bool> chosen) =>
        [.. Enumerable.Range(0, context.Facts.Layers.Count).Where(chosen).Select(i => context.Facts.Layers[i].Name)];
}
