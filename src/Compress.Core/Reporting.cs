using Compress.Analysis;
using Compress.Apply;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress;

/// <summary>The facts of a finished compression as a report.</summary>
internal static class Reporting
{
    /// <summary>What is counted, and what became of each layer.</summary>
    /// <param name="search">The float model and its policy.</param>
    /// <param name="final">What became of it; null: it is passed on as it came.</param>
    /// <param name="size">Bytes of the result.</param>
    public static Report Of(SearchContext search, Candidate? final, long size)
    {
        var (floats, policy) = (search.FloatCosts, search.Policy);
        var costs = final?.Costs ?? floats;
        // Nodes whose weights are tables: those are told of.
        var stored = search.Facts.Tables.Select(table => table.Name).Except(search.Facts.Layers.Select(layer => layer.Name)).ToHashSet(StringComparer.Ordinal);
        return new Report
        {
            Model = Path.GetFileName(policy.Model.Value),
            Method = PolicyKeys.Methods.Word(policy.Method.Value),
            Target = PolicyKeys.Targets.Word(policy.Target),
            Size = new Figures(search.FloatSize, size),
            Macs = new Figures(floats.Macs, costs.Macs),
            Bops = new BopsFigures(floats.Bops, costs.Bops, Costs.Describe(BopsConvention.Product)) { OtherConventions = [Bops(search, final, BopsConvention.PicPq), Bops(search, final, BopsConvention.AccumulatorAware)] },
            Memory = Memory(search, final),
            Layers = [.. search.LayerShapes.Where(layer => !stored.Contains(layer.Name)).Select(layer => Layer(search, final, layer)), .. InnerWeights.Holders(search.Facts.Model.Graph).Select(node => SubGraph(final, node)), .. search.Facts.Tables.Select((table, i) => Table(search, final, table, search.TableRules.ElementAtOrDefault(i)))],
            Groups = GroupReporting.Of(search, final),
        };
    }

    /// <summary>Of a model that can't be run here and is passed on.</summary>
    /// <param name="size">Its bytes.</param>
    public static Report OfUnmeasured(ModelPolicy policy, long size) => new()
    {
        Model = Path.GetFileName(policy.Model.Value),
        Method = PolicyKeys.Methods.Word(policy.Method.Value),
        Target = PolicyKeys.Targets.Word(policy.Target),
        Size = new Figures(size, size),
        Macs = new Figures(0, 0),
        Bops = new BopsFigures(0, 0, Costs.Describe(BopsConvention.Product)),
    };

    /// <summary>The same with what is measured: the metric on both models, and milliseconds.</summary>
    public static Report WithMeasured(Report report, SearchContext search, Candidate? final, LatencyComparison latency) => report with
    {
        Metric = Metric(search, final),
        Latency = new Figures(Math.Round(latency.First.Minimum, 4), Math.Round(latency.Second.Minimum, 4)),
    };

    private static MetricFigures? Metric(SearchContext search, Candidate? final)
    {
        if (search is not { Evaluator: { } evaluator, Policy.Accuracy: { } accuracy }) return null;
        var original = evaluator.MeasureFloat(search.Cancellation);
        var compressed = final is null ? original : search.Measure(final).Metric!;
        var verdict = Gate.Check(accuracy, original, compressed);
        return new MetricFigures(SectionKeys.Metrics.Word(accuracy.Metric), original.Value, compressed.Value, compressed.Samples, verdict.Passed, verdict.Bound)
        {
            Drop = Math.Round(verdict.Drop, 9),
            Margin = verdict.Margin > 0 ? Math.Round(verdict.Margin, 9) : null,
        };
    }

    private static CountedFigures Bops(SearchContext search, Candidate? final, BopsConvention convention)
    {
        var before = Costs.Bops(search.LayerShapes.Select(layer => (layer, LayerBits.Float)), convention);
        var after = final is null ? before : Costs.Bops(final.Applied.Shapes.Select(layer => (layer, PlanCosts.Bits(layer, final.Plan, final.Applied.Placement))), convention);
        return new CountedFigures(before, after, Costs.Describe(convention));
    }

    private static Figures Memory(SearchContext search, Candidate? final) => new(search.FloatMemory, final is null ? search.FloatMemory : search.PeakMemory(final));

    private static LayerFigures Layer(SearchContext search, Candidate? final, LayerShape shape)
    {
        var figures = new LayerFigures(shape.Name, shape.Op);
        if (final is null) return figures with { Reason = "the model is passed on as it is" };
        if (!final.Plan.Layers.TryGetValue(shape.Name, out var choice)) return figures with { Reason = shape.HasWeights ? "its weights are not a constant of its own" : "it has no weights" };
        if (final.Plan.Cuts.Any(cut => cut.Kept.Count == 0) && final.Applied.Shapes.All(layer => layer.Name != shape.Name))
            return figures with { Channels = $"0/{shape.OutChannels}", Reason = "its branch is left out: the residual sum hands its other side on" };
        var error = final.Applied.Layers.TryGetValue(shape.Name, out var result) && double.IsFinite(result.Error) ? Math.Round(result.Error, 9) : (double?)null;
        var bits = PlanCosts.Bits(shape, final.Plan, final.Applied.Placement);
        var kept = final.Applied.Shapes.FirstOrDefault(layer => layer.Name == shape.Name)?.OutChannels ?? shape.OutChannels;
        return figures with
        {
            WeightBits = choice.IsCompressed ? Math.Round(final.Plan.StoredBits(shape.Name), 2) : null,
            ActivationBits = bits.Input < 32 ? (int)bits.Input : null,
            Ranges = final.Applied.Placement.Grid.TryGetValue(shape.Input, out var root) && final.Applied.Grids[root].IsDynamic ? SectionKeys.RangeSources.Word(RangeSource.Dynamic) : null,
            Channels = kept < shape.OutChannels ? $"{kept}/{shape.OutChannels}" : null,
            Error = error,
            Reason = Reason(search, shape, choice, bits),
        };
    }

    /// <summary>The weights in the sub-graphs of a node.</summary>
    private static LayerFigures SubGraph(Candidate? final, Node node)
    {
        var figures = new LayerFigures(LayerNames.Of(node), node.Op);
        if (final is null) return figures with { Reason = "the model is passed on as it is" };
        return final.Plan.SubGraphs.Contains(figures.Name) ? figures with { WeightBits = 8, Reason = "the weights of its sub-graphs are stored in fewer bits" } : figures with { Reason = "the weights of its sub-graphs stay float" };
    }

    private static LayerFigures Table(SearchContext search, Candidate? final, Table table, LayerRule? rule) => final?.Plan.Tables.TryGetValue(table.Constant, out var bits) == true
        ? new LayerFigures(table.Name, table.Op) { WeightBits = bits, ActivationBits = IsRecurrent(final, table) ? 8 : null, Ranges = IsRecurrent(final, table) ? SectionKeys.RangeSources.Word(RangeSource.Dynamic) : null, Reason = IsRecurrent(final, table) ? null : table.IsLookup ? "its rows are unpacked as they are read" : "only its weights are stored in fewer bits" }
        : new LayerFigures(table.Name, table.Op) { Reason = final is null ? "the model is passed on as it is" : search.Policy.Target == Target.Qonnx ? "target qonnx quantizes layers only" : WhyFloat(search, rule) };

    private static bool IsRecurrent(Candidate final, Table table) => final.Plan.IntegerRecurrence.Contains(table.Name);

    /// <summary>Why weights that could have fewer bits have not.</summary>
    private static string WhyFloat(SearchContext search, LayerRule? rule) =>
        !search.Policy.Quantize.Enabled ? "the policy asks for no quantization" : rule is { KeepFloat: true } ? "a rule of the policy keeps it float" : "fewer bits cost too much accuracy";

    private static string? Reason(SearchContext search, LayerShape shape, LayerChoice choice, LayerBits bits)
    {
        var layer = search.Facts.Layers.Select((layer, i) => (Layer: layer, Rule: search.Rules[i])).First(entry => entry.Layer.Name == shape.Name);
        if (!choice.IsCompressed) return WhyFloat(search, layer.Rule);
        if (bits.Input < 32) return null;
        if (!search.Facts.HasSamples) return "no calibration data: only its weights are stored in fewer bits";
        if (search.Policy.Target == Target.WeightOnly || layer.Rule?.Activations == 32) return "only its weights are stored in fewer bits";
        if (search.Facts.Shapes.TryGetValue(shape.Input, out var facts) && facts.Type != Onnx.TensorProto.Types.DataType.Float) return $"it computes in {facts.Type.ToString().ToLowerInvariant()}: only its weights are stored in fewer bits";
        if (choice.Arithmetic == Arithmetic.Float) return "integers cost too much accuracy or time: only its weights are stored in fewer bits";
        return IntegerOperators.RoleOf(layer.Layer.Node) == IntegerRole.None
            ? $"ONNX Runtime has no integer kernel for {shape.Op}: only its weights are stored in fewer bits"
            : "float arithmetic measured faster or more exact: only its weights are stored in fewer bits";
    }
}
