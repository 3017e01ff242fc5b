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

    /// <summary>Shares of the float layers' time that integers must save in a layer that leaves float for them, where all else stays in float.</summary>
    private static readonly double[] Gains = [0.03, 0.01];

    /// <summary>Variants from the fastest on; the last resort, float arithmetic throughout, is always among them.</summary>
    public static IReadOnlyList<SearchContext> Ranked(SearchContext context)
    {
        var everything = Classes(context);
        var floats = everything.ToImmutableSortedSet(StringComparer.Ordinal);
        if (!context.Facts.HasSamples || context.Policy.Target == Target.WeightOnly || !context.Policy.Quantize.Enabled) return [context with { FloatOperators = floats }];
        var variants = Variants(everything).DistinctBy(set => string.Join(' ', set)).Select(set => context with { FloatOperators = set }).ToList();
        if (!InDoubt(context)) return variants;
        variants.InsertRange(variants.Count - 1, Single(context));
        var feed = context.FirstSample;
        var sessions = variants.Select(variant => new Session(Sketch(variant), new SessionSettings())).ToList();
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

    /// <summary>
    /// Float but for the layers in which integers save most, each between a Quantize and a Dequantize of its own: a few large kernels in a network of small ones.
    /// </summary>
    private static IEnumerable<SearchContext> Single(SearchContext context)
    {
        var (facts, kinds) = (context.Facts, Light.Intersect(Classes(context)));
        var layers = facts.Layers.Where(layer => IntegerOperators.RoleOf(layer.Node) == IntegerRole.Weighted && !layer.IsDepthwise(facts.Model.Graph) && facts.Shapes[layer.Input].Type == Onnx.TensorProto.Types.DataType.Float).ToList();
        // Layers of few operations have nothing to save.
        var macs = context.LayerShapes.ToDictionary(shape => shape.Name, shape => shape.Macs, StringComparer.Ordinal);
        layers.RemoveAll(layer => macs.GetValueOrDefault(layer.Name) < 0.005 * macs.Values.Sum());
        if (layers.Count == 0) yield break;
        (OperatorCase Float, OperatorCase Integer) Case(Layer layer) => (OperatorCase.Of(layer, facts.Shapes, integer: false), OperatorCase.Of(layer, facts.Shapes, integer: true));
        var cases = layers.ToDictionary(layer => layer.Name, Case, StringComparer.Ordinal);
        context.Latencies.Measure([.. cases.Values.SelectMany(pair => new[] { pair.Float, pair.Integer })]);
        var saved = cases.ToDictionary(entry => entry.Key, entry => context.Latencies.Milliseconds(entry.Value.Float) - context.Latencies.Milliseconds(entry.Value.Integer), StringComparer.Ordinal);
        var whole = cases.Values.Sum(pair => context.Latencies.Milliseconds(pair.Float));
        var before = -1;
        foreach (var gain in Gains)
        {
            var floats = facts.Layers.Select(layer => layer.Name).Where(name => saved.GetValueOrDefault(name) < gain * whole).ToImmutableSortedSet(StringComparer.Ordinal);
            if (floats.Count == facts.Layers.Count || floats.Count == before) continue;
            before = floats.Count;
            yield return context with { FloatOperators = [.. kinds], FloatLayers = context.FloatLayers.Union(floats) };
        }
    }

    private static readonly string[] Light = ["Add", "Mul", "Sigmoid", "LeakyRelu", "GlobalAveragePool", "AveragePool", "Concat"];

    /// <summary>From all integers to none: the kinds that are the usual suspects leave first.</summary>
    private static IEnumerable<ImmutableSortedSet<string>> Variants(IReadOnlyList<string> everything)
    {
        ImmutableSortedSet<string> Of(params IEnumerable<string> kinds) => [.. kinds.Intersect(everything)];
        yield return Of();
        yield return Of(OperatorClass.Depthwise);
        yield return Of(Light);
        yield return Of(OperatorClass.Recurrent);
        yield return Of([OperatorClass.Depthwise, .. Light]);
        yield return Of(everything);
    }

    /// <summary>Nothing to try where integers flow from the first layer to the last without a break.</summary>
    private static bool InDoubt(SearchContext context)
    {
        var graph = context.Facts.Model.Graph;
        var placement = PlanApplier.Place(PrunedModel.Of(context.Facts, []), UniformPlan.Of(context, 8, 8));
        var index = GraphIndex.Of(graph);
        if (context.Facts.Layers.Any(layer => layer.IsDepthwise(graph)) || graph.Nodes.Any(node => IntegerRecurrence.Fits(graph, index, node))) return true;
        // A float node that takes from an integer one and gives to another.
        return graph.Nodes.Any(node => !placement.Integer.ContainsKey(node)
            && node.Inputs.Any(input => index.Producer(input) is { } producer && placement.Integer.ContainsKey(producer))
            && node.Outputs.Any(placement.Grid.ContainsKey));
    }

    private static List<string> Classes(SearchContext context) =>
        [.. context.Facts.Model.Graph.Nodes.Where(node => IntegerOperators.RoleOf(node) is IntegerRole.Weighted or IntegerRole.Rescaling || OperatorClass.IsRecurrent(node)).Select(node => OperatorClass.Of(node, context.Facts.Model.Graph)).Distinct().Order(StringComparer.Ordinal)];

    private static OnnxModel Sketch(SearchContext context) => Lean.Apply(PlanApplier.Sketch(context.Facts, UniformPlan.Of(context, 8, 8)).Model);

    private static string Name(SearchContext variant, IReadOnlyList<string> everything) => variant.FloatLayers.Count > 0
        ? $"{variant.Facts.Layers.Count - variant.FloatLayers.Count} layers in integers" : Name(variant.FloatOperators, everything);

    private static string Name(ImmutableSortedSet<string> floats, IReadOnlyList<string> everything) =>
        floats.IsEmpty ? "all integer" : floats.Count == everything.Count ? "all float" : $"float {string.Join("+", floats)}";
}
