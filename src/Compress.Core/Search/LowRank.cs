using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Layers whose outputs vary in few directions may become products of two smaller ones. That is a form of the model as a whole, and searched as one. Any rule of the policy
/// leaves its layer as it is.
/// </summary>
internal sealed class LowRank
{
    /// <summary>Of the weights or of the multiply-accumulates: smaller layers are not worth a second search.</summary>
    private const double LeastShare = 0.1;

    /// <summary>A layer is tried if two factors that lack this share of its outputs' variance take no more than <see cref="Small"/> of its weights.</summary>
    private const double Rough = 0.01, Small = 0.4;

    /// <summary>Which outputs are felt takes long to find out, and is not asked where factors for outputs that count alike take more than this share.</summary>
    private const double Hopeless = 2 * Small;

    /// <summary>Where the search starts from: this share of variance is lacking, or the factors take <see cref="Large"/> of the weights. Pruning finds the rank.</summary>
    private const double Fine = 1e-6, Large = 0.65;

    /// <summary>A graph of gradients that is not one for all samples, or that ONNX Runtime does not take.</summary>
    private static readonly string[] Inapplicable = ["CMP2007", "CMP2008", "CMP4503"];

    private readonly SearchContext context;
    private readonly ImmutableArray<Layer> layers;
    private readonly IReadOnlyDictionary<string, Moments> moments;
    private readonly GateGradients gradients;
    private readonly Dictionary<string, OutputComponents> components = new(StringComparer.Ordinal);

    public LowRank(SearchContext context)
    {
        var facts = context.Facts;
        this.context = context;
        layers = [.. facts.Layers.Where((layer, i) => context.Rules[i] is null && Factorize.Fits(layer) && Outputs(layer) <= OutputComponents.MostOutputs && IsLarge(layer))];
        // Of all these at once, also where a plan names a few: ONNX Runtime fuses around the values that are asked for, and the last bits are others.
        moments = layers.IsEmpty ? new Dictionary<string, Moments>() : LayerStatistics.Collect(facts, layers, context.Threads, context.Cancellation);
        gradients = new GateGradients(facts.Model, facts.Shapes, facts.Samples, new SessionSettings(context.Threads), context.Scores, context.Cancellation);
    }

    /// <summary>Whether a policy leaves the form of layers open, and there is something to tell forms apart by.</summary>
    public static bool IsAllowed(SearchContext context) =>
        context is { Facts.HasSamples: true, Policy: { Method.Value: Method.Auto, Prune: { Enabled: not false, Ratio: null, Factorize: true } } }
        && (context.Policy.Budget is not null || context.IsGated) && !AutoMethod.IsFixed(context.Policy);

    /// <summary>Layers that are worth a trial → the rank to start from.</summary>
    public ImmutableSortedDictionary<string, int> Ranks()
    {
        var ranks = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var layer in layers.Where(layer => moments.ContainsKey(layer.Name) && IsLow(Components(layer, felt: null), Hopeless)))
        {
            if (!context.Course.GoesOn((double)layers.IndexOf(layer) / layers.Length)) break;
            if (Rank(Components(layer)) is > 0 and var rank) ranks[layer.Name] = rank;
        }
        return ranks.ToImmutable();
    }

    /// <summary>The model with these layers as products of two; null: it has no such layers.</summary>
    public OnnxModel? Apply(IReadOnlyDictionary<string, int> ranks)
    {
        var chosen = layers.Where(layer => ranks.ContainsKey(layer.Name) && moments.ContainsKey(layer.Name)).ToDictionary(layer => layer.Name, Components, StringComparer.Ordinal);
        return chosen.Count == ranks.Count && chosen.All(layer => ranks[layer.Key] <= layer.Value.Most) ? Factorize.Apply(context.Facts.Model, context.Facts.Layers, ranks, chosen) : null;
    }

    private static bool IsLow(OutputComponents layer, double share) => layer.Rank(Rough) <= share * layer.Whole;

    /// <summary>0: not worth it. The policy's multiple goes for the channels between the factors too.</summary>
    private int Rank(OutputComponents layer)
    {
        var multiple = context.Policy.Prune.KeepMultipleOf ?? 1;
        return IsLow(layer, Small) ? Math.Min((layer.Rank(Fine) + multiple - 1) / multiple * multiple, (int)(Large * layer.Whole) / multiple * multiple) : 0;
    }

    private OutputComponents Components(Layer layer)
    {
        if (!components.TryGetValue(layer.Name, out var known)) components[layer.Name] = known = Components(layer, Felt(layer));
        return known;
    }

    private OutputComponents Components(Layer layer, double[]? felt)
    {
        var constants = context.Facts.Model.Graph.Constants;
        var bias = layer.Bias is { } own && layer.Node.Inputs.Contains(own) ? constants[own].Floats() : null;
        return new OutputComponents(WeightMatrix.Of(layer, constants[layer.Weight]), bias, moments[layer.Name], felt);
    }

    /// <summary>How much the model's outputs feel each output of a layer; null, all alike, where the samples have no gradients in common.</summary>
    private double[]? Felt(Layer layer)
    {
        try
        {
            return gradients.Fisher(layer.Node.Output, layer.Kind == LayerKind.Conv ? 1 : context.Facts.Shapes[layer.Node.Output].Dims.Length - 1);
        }
        catch (CompressionException e) when (Inapplicable.Contains(e.Diagnostic.Code))
        {
            return null;
        }
    }

    private bool IsLarge(Layer layer) =>
        context.LayerShapes.First(shape => shape.Name == layer.Name).Macs >= LeastShare * context.LayerShapes.Sum(shape => shape.Macs) || Weights(layer) >= LeastShare * context.Facts.Layers.Sum(Weights);

    private long Weights(Layer layer) => context.Facts.Model.Graph.Constants[layer.Weight].Count;

    private long Outputs(Layer layer) => context.Facts.Model.Graph.Constants[layer.Weight].Dims[WeightMatrix.ScaleAxis(layer)];
}
