using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Which kinds of nodes run in integers, by stopwatch: an integer kernel is not always the faster one (depthwise convolutions, short islands between
/// float nodes). Variants of the whole model are timed in turn, so that a busy machine slows all of them alike.
/// </summary>
public static class ArithmeticTrial
{
    /// <summary>A variant must be faster by this share to be preferred over one with more integers.</summary>
    private const double Margin = 0.03;

    /// <summary>Variants from the fastest on; the last resort, float arithmetic throughout, is always among them.</summary>
    public static IReadOnlyList<ImmutableSortedSet<string>> Ranked(SearchContext context)
    {
        var everything = Classes(context);
        var floats = everything.ToImmutableSortedSet(StringComparer.Ordinal);
        if (!context.Facts.HasSamples || context.Policy.Target == Target.WeightOnly || !context.Policy.Quantize.Enabled) return [floats];
        var variants = Variants(everything).DistinctBy(set => string.Join(' ', set)).ToList();
        if (!InDoubt(context)) return variants;
        var feed = context.FirstSample;
        var sessions = variants.Select(variant => new Session(Sketch(context, variant), new SessionSettings())).ToList();
        try
        {
            var times = Timing.Interleaved([.. sessions.Select(session => (Action)(() => session.Run(feed)))], new TimingSettings(), context.Cancellation).Select(times => Timing.Summary(times).Minimum).ToList();
            // Ties go to more integers: they come first, and are smaller and cooler on machines with better integer units.
            var order = Enumerable.Range(0, variants.Count).OrderBy(i => times[i] * (1 + (Margin * i / variants.Count))).ToList();
            context.Reporter.Stage($"timed {variants.Count} ways to mix integers and floats: {string.Join(", ", order.Select(i => $"{Name(variants[i], everything)} {times[i]:0.###} ms"))}");
            return [.. order.Select(i => variants[i])];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    /// <summary>From all integers to none: the kinds that are the usual suspects leave first.</summary>
    private static IEnumerable<ImmutableSortedSet<string>> Variants(IReadOnlyList<string> everything)
    {
        ImmutableSortedSet<string> Of(params IEnumerable<string> kinds) => [.. kinds.Intersect(everything)];
        string[] light = ["Add", "Mul", "Sigmoid", "LeakyRelu", "GlobalAveragePool", "AveragePool", "Concat"];
        yield return Of();
        yield return Of(OperatorClass.Depthwise);
        yield return Of(light);
        yield return Of([OperatorClass.Depthwise, .. light]);
        yield return Of(everything);
    }

    /// <summary>Nothing to try where integers flow from the first layer to the last without a break.</summary>
    private static bool InDoubt(SearchContext context)
    {
        var graph = context.Facts.Model.Graph;
        var placement = PlanApplier.Place(PrunedModel.Of(context.Facts, []), context.Uniform(8, 8));
        if (context.Facts.Layers.Any(layer => layer.IsDepthwise(graph))) return true;
        var index = GraphIndex.Of(graph);
        // A float node that takes from an integer one and gives to another.
        return graph.Nodes.Any(node => !placement.Integer.ContainsKey(node)
            && node.Inputs.Any(input => index.Producer(input) is { } producer && placement.Integer.ContainsKey(producer))
            && node.Outputs.Any(placement.Grid.ContainsKey));
    }

    private static List<string> Classes(SearchContext context) =>
        [.. context.Facts.Model.Graph.Nodes.Where(node => IntegerOperators.RoleOf(node) is IntegerRole.Weighted or IntegerRole.Rescaling).Select(node => OperatorClass.Of(node, context.Facts.Model.Graph)).Distinct().Order(StringComparer.Ordinal)];

    private static OnnxModel Sketch(SearchContext context, ImmutableSortedSet<string> floats) =>
        Lean.Apply(PlanApplier.Sketch(context.Facts, (context with { FloatOperators = floats }).Uniform(8, 8)).Model);

    private static string Name(ImmutableSortedSet<string> floats, IReadOnlyList<string> everything) =>
        floats.IsEmpty ? "all integer" : floats.Count == everything.Count ? "all float" : $"float {string.Join("+", floats)}";
}
