using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Search;

/// <summary>The same bits for every layer, but for what the policy's rules say; the first layer and the last never below 8.</summary>
public static class UniformPlan
{
    public static CompressionPlan Of(SearchContext context, int weightBits, int activationBits)
    {
        var (facts, policy) = (context.Facts, context.Policy);
        var recurrent = weightBits < 32 ? Recurrent(context, activationBits) : [];
        var plan = new CompressionPlan
        {
            Layers = facts.Layers.Index().ToImmutableSortedDictionary(
                layer => layer.Item.Name, layer => context.Choice(layer.Index, context.IsBorder(layer.Index) ? Math.Max(8, weightBits) : weightBits, activationBits), StringComparer.Ordinal),
            Tables = Tables(context, weightBits, recurrent),
            IntegerRecurrence = recurrent,
            PackedProducts = context.KeepsPacked ? [.. facts.Layers.Where(layer => layer.Kind == LayerKind.Dense).Select(layer => layer.Name)] : [],
            SubGraphs = (policy.Quantize.Enabled ? context.SubGraphs.Except(context.UntouchedLayers) : []).ToImmutableSortedSet(StringComparer.Ordinal),
            Factors = context.Factors,
            Cuts = context.Cuts,
            FloatOperators = context.FloatOperators,
            Rounding = policy.Quantize.Rounding,
            MidRise = context.MidRise,
            Range = policy.Calibration?.Range ?? RangeMethod.Auto,
            AllowOverflow = policy.Quantize.AllowOverflow,
            Plain = policy.Target is Target.OnnxRuntimePlain or Target.Qonnx,
            Qonnx = policy.Target == Target.Qonnx,
        };
        var placement = PlanApplier.Place(PrunedModel.Of(facts, []), plan);
        var bits = ActivationBits(context, placement, activationBits);
        bool IsDynamic(string value) => bits[value] == 8 && (policy.Quantize.Ranges == RangeSource.Dynamic || context.DynamicRanges.Contains(value));
        return plan with { ActivationBits = bits, DynamicRanges = plan.Plain ? [] : [.. placement.MayBeDynamic.Where(IsDynamic)] };
    }

    /// <summary>Recurrent nodes with integer products, where no rule keeps them in float.</summary>
    private static ImmutableSortedSet<string> Recurrent(SearchContext context, int activationBits)
    {
        if (context.Policy is not { Target: Target.OnnxRuntime, Quantize.Enabled: true } || activationBits > 8) return [];
        var (facts, graph, index) = (context.Facts, context.Facts.Model.Graph, GraphIndex.Of(context.Facts.Model.Graph));
        bool IsKept(Table table, int i) => context.UntouchedLayers.Contains(table.Name) || context.TableRules.ElementAtOrDefault(i) is { KeepFloat: true } or { Weights: 32 } or { Activations: > 8 };
        var kept = facts.Tables.Where(IsKept).Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        bool HasIntegers(Node node) => !context.FloatOperators.Contains(OperatorClass.Of(node, graph)) && IntegerRecurrence.Fits(graph, index, node) && !kept.Contains(node.Name);
        return graph.Nodes.Where(HasIntegers).Select(node => node.Name).ToImmutableSortedSet(StringComparer.Ordinal);
    }

    /// <summary>Widths of the tables when layers have this width.</summary>
    private static ImmutableSortedDictionary<string, int> Tables(SearchContext context, int weightBits, ImmutableSortedSet<string> recurrent)
    {
        var (facts, policy) = (context.Facts, context.Policy);
        var tables = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        if (!policy.Quantize.Enabled || policy.Target == Target.Qonnx) return tables.ToImmutable();
        foreach (var (i, table) in facts.Tables.Index())
        {
            var rule = context.TableRules.ElementAtOrDefault(i);
            var bits = policy.Target == Target.OnnxRuntimePlain ? 8 : rule?.Weights ?? weightBits;
            // Sums of products of 8 bits by 8 may saturate, see WeightGrid.Safe.
            if (recurrent.Contains(table.Name) && !policy.Quantize.AllowOverflow) bits = Math.Min(bits, 7);
            if (context.UntouchedLayers.Contains(table.Name) || rule is { KeepFloat: true } || bits >= 32) continue;
            tables[table.Constant] = TableStorage.Width(table, facts.Model.Graph.Constants[table.Constant], bits);
        }
        return tables.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, int> ActivationBits(SearchContext context, Placement placement, int bits)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var value in placement.Grids) result[value] = context.Facts.Model.Graph.IsInput(value) ? Math.Max(8, bits) : bits;
        for (var i = 0; i < context.Facts.Layers.Count; i++)
            if (context.Rules[i]?.Activations is { } own and < 32 && placement.Grid.TryGetValue(context.Facts.Layers[i].Input, out var root)) result[root] = own;
        return result.ToImmutable();
    }
}
