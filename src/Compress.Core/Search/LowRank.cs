using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Layers whose outputs vary in few directions may become products of two smaller ones. That is a form of the model as a whole: both forms are searched, and the better one is
/// kept.
/// </summary>
internal static class LowRank
{
    /// <summary>Of the weights or of the multiply-accumulates: smaller layers are not worth a second search.</summary>
    private const double LeastShare = 0.1;

    /// <summary>A layer is tried if two factors that lack this share of its outputs' variance take no more than <see cref="Small"/> of its weights.</summary>
    private const double Rough = 0.01, Small = 0.4;

    /// <summary>Where the search starts from: this share of variance is lacking, or the factors take <see cref="Large"/> of the weights. Pruning finds the rank.</summary>
    private const double Fine = 1e-6, Large = 0.65;

    /// <summary>More nodes for less than this are not worth having.</summary>
    private const double Better = 0.95;

    /// <summary>A graph of gradients that is not one for all samples, or that ONNX Runtime does not take.</summary>
    private static readonly string[] Inapplicable = ["CMP2007", "CMP2008", "CMP4503"];

    /// <summary>Whether a policy leaves the form of layers open, and there is something to tell forms apart by.</summary>
    public static bool IsAllowed(ModelPolicy policy) =>
        policy is { Method.Value: Method.Auto, Prune: { Enabled: not false, Ratio: null, Factorize: true } } && (policy.Budget ?? (object?)policy.Accuracy) is not null && !AutoMethod.IsFixed(policy);

    /// <summary>Layers that are worth a trial → the rank to start from.</summary>
    public static ImmutableSortedDictionary<string, int> Ranks(SearchContext context, out IReadOnlyDictionary<string, OutputComponents> components)
    {
        var facts = context.Facts;
        var shapes = context.LayerShapes.ToDictionary(shape => shape.Name, StringComparer.Ordinal);
        var (macs, weights) = (context.LayerShapes.Sum(shape => shape.Macs), facts.Layers.Sum(layer => facts.Model.Graph.Constants[layer.Weight].Count));
        bool IsLarge(Layer layer) => shapes[layer.Name].Macs >= LeastShare * macs || facts.Model.Graph.Constants[layer.Weight].Count >= LeastShare * weights;
        var found = components = Components(context, [.. facts.Layers.Where((layer, i) => context.Rules[i] is null && Factorize.Fits(layer) && IsLarge(layer))]);
        return facts.Layers.Where(layer => found.ContainsKey(layer.Name)).Select(layer => (layer.Name, Rank: Rank(WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]), found[layer.Name])))
            .Where(layer => layer.Rank > 0).ToImmutableSortedDictionary(layer => layer.Name, layer => layer.Rank, StringComparer.Ordinal);
    }

    /// <summary>The model with these layers as products of two; null: it has no such layers.</summary>
    public static OnnxModel? Apply(SearchContext context, IReadOnlyDictionary<string, int> ranks, IReadOnlyDictionary<string, OutputComponents>? components = null)
    {
        var layers = context.Facts.Layers.Where(layer => ranks.ContainsKey(layer.Name) && Factorize.Fits(layer)).ToList();
        components ??= Components(context, layers);
        return layers.Count == ranks.Count && layers.All(layer => components.TryGetValue(layer.Name, out var own) && ranks[layer.Name] <= own.Rank(0))
            ? Factorize.Apply(context.Facts.Model, context.Facts.Layers, ranks, components) : null;
    }

    /// <summary>The form whose best plan meets the policy; of two, the smaller one where there is no budget, else the one whose outputs are nearer to the float model's.</summary>
    /// <param name="forms">The model as it is first.</param>
    public static SearchContext Best(IReadOnlyList<SearchContext> forms, Func<SearchContext, Candidate> find)
    {
        var best = forms[0];
        foreach (var form in forms.Skip(1))
        {
            form.Reporter.Stage($"the same with {string.Join(", ", form.Factors.Select(layer => $"{layer.Key} as a product of rank {layer.Value}"))}");
            if (Cost(form, find(form)) is var cost && Cost(best, find(best)) is var known && (cost.Misses < known.Misses || (cost.Misses == known.Misses && cost.Value < Better * known.Value))) best = form;
        }
        return best;
    }

    private static (int Misses, double Value) Cost(SearchContext form, Candidate found) =>
        ((form.Missed(found) is null ? 0 : 1) + (found.Passes ? 0 : 1),
        form.Policy.Budget is null ? found.Size : new Judge(form).Damage(found.Plan with { Grids = found.Plan.Grids.Clear() }, form.Factors.IsEmpty ? "layers as they are" : "layers as products"));

    private static int Rank(WeightMatrix matrix, OutputComponents components)
    {
        var whole = (double)matrix.Rows * matrix.Columns / (matrix.Rows + matrix.Columns);
        return components.Rank(Rough) <= Small * whole ? Math.Min(components.Rank(Fine), (int)(Large * whole)) : 0;
    }

    private static Dictionary<string, OutputComponents> Components(SearchContext context, IReadOnlyList<Layer> layers)
    {
        var (facts, result) = (context.Facts, new Dictionary<string, OutputComponents>(StringComparer.Ordinal));
        var small = layers.Where(layer => WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]).Rows <= OutputComponents.MostOutputs).ToList();
        if (small.Count == 0) return result;
        var moments = LayerStatistics.Collect(facts, small, context.Threads, context.Cancellation);
        var gradients = new GateGradients(facts.Model, facts.Shapes, facts.Samples, new SessionSettings(context.Threads), Sensitivity.OutputsAreLogits(context.Policy));
        foreach (var layer in small.Where(layer => moments.ContainsKey(layer.Name)))
        {
            var matrix = WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]);
            var added = layer.Bias is { } bias && layer.Node.Inputs.Contains(bias) ? facts.Model.Graph.Constants[bias].Floats() : null;
            result[layer.Name] = new OutputComponents(matrix, layer.TakesBias ? added : null, moments[layer.Name], Felt(gradients, layer, facts));
        }
        return result;
    }

    /// <summary>How much the model's outputs feel each output of a layer; null, all alike, where the samples have no gradients in common.</summary>
    private static double[]? Felt(GateGradients gradients, Layer layer, ModelFacts facts)
    {
        try
        {
            return gradients.Fisher(layer.Node.Output, layer.Kind == LayerKind.Conv ? 1 : facts.Shapes[layer.Node.Output].Dims.Length - 1);
        }
        catch (CompressionException e) when (Inapplicable.Contains(e.Diagnostic.Code))
        {
            return null;
        }
    }
}
