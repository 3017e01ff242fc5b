using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>A plan carried out.</summary>
/// <param name="Model">The compressed model, not yet cleaned and renamed.</param>
/// <param name="Layers">What became of each layer that was touched.</param>
/// <param name="Shapes">The layers' shapes after pruning.</param>
/// <param name="Grids">The grids that were used.</param>
public sealed record AppliedPlan(OnnxModel Model, Placement Placement, IReadOnlyDictionary<string, LayerResult> Layers, IReadOnlyList<LayerShape> Shapes, IReadOnlyDictionary<string, Quantizer> Grids);

/// <summary>A plan carried out but for the writing of the graph: what training starts from and gives back.</summary>
/// <param name="Pruned">The float model with channels cut.</param>
/// <param name="Grids">Value that names a grid → the grid.</param>
/// <param name="Tasks">What is asked of each layer that changes.</param>
/// <param name="Layers">What became of them.</param>
public sealed record PreparedPlan(PrunedModel Pruned, Placement Placement, IReadOnlyDictionary<string, Quantizer> Grids, IReadOnlyList<LayerTask> Tasks, IReadOnlyDictionary<string, LayerResult> Layers)
{
    /// <summary>Nodes of control flow whose sub-graphs' weights are stored in 8 bits.</summary>
    public IReadOnlySet<string> SubGraphs { get; init; } = new HashSet<string>();

    /// <summary>Layers that read packed weights, see <see cref="CompressionPlan.PackedProducts"/>.</summary>
    public IReadOnlySet<string> PackedProducts { get; init; } = new HashSet<string>();

    /// <summary>Nodes with integer products, see <see cref="CompressionPlan.IntegerRecurrence"/>.</summary>
    public IReadOnlySet<string> Recurrent { get; init; } = new HashSet<string>();

    /// <summary>Whether Quant nodes are written, see <see cref="QonnxForm"/>.</summary>
    public bool Qonnx { get; init; }

    /// <summary>Tables as they are stored.</summary>
    public IReadOnlyList<StoredTable> Tables { get; init; } = [];
}

/// <summary>Carries out a plan: places the quantizers, walks the layers, writes the graph. Decides nothing.</summary>
public static class PlanApplier
{
    public static AppliedPlan Apply(ModelFacts facts, CompressionPlan plan, RangeMethod range, int threads, Action<double>? progress = null, CancellationToken cancellation = default) =>
        Write(Prepare(facts, plan, range, threads, progress, cancellation), plan.Plain);

    /// <summary>The same with weights fitted to a part of the calibration's positions: enough to compare plans, in a third of the time.</summary>
    public static AppliedPlan Draft(ModelFacts facts, CompressionPlan plan, RangeMethod range, int threads, CancellationToken cancellation = default) =>
        Write(Prepare(facts, plan, range, (pruned, placement, tables, grids, tasks) => Walk(facts, pruned, placement, tables, grids, tasks.ConvertAll(task => task with { IsDraft = true }), threads, null, cancellation)), plan.Plain);

    /// <summary>All but the writing of the graph.</summary>
    public static PreparedPlan Prepare(ModelFacts facts, CompressionPlan plan, RangeMethod range, int threads, Action<double>? progress = null, CancellationToken cancellation = default) =>
        Prepare(facts, plan, range, (pruned, placement, tables, grids, tasks) => Walk(facts, pruned, placement, tables, grids, tasks, threads, progress, cancellation));

    /// <summary>The same graph with weights that are merely rounded: good enough to time, at once.</summary>
    public static AppliedPlan Sketch(ModelFacts facts, CompressionPlan plan) => Write(Roughly(facts, plan), plan.Plain);

    /// <summary>Prepared with weights that are merely rounded.</summary>
    /// <param name="range">How grids that the plan does not have are found.</param>
    public static PreparedPlan Roughly(ModelFacts facts, CompressionPlan plan, RangeMethod range = RangeMethod.MinMax) =>
        Prepare(facts, plan, range, (pruned, _, _, _, tasks) => tasks.ToDictionary(task => task.Layer.Name, task => WithoutData.Round(pruned.Model, task)));

    public static AppliedPlan Write(PreparedPlan prepared, bool plain)
    {
        var (pruned, placement) = (prepared.Pruned, prepared.Placement);
        plain |= prepared.Qonnx;
        var model = QuantizedGraph.Build(prepared, plain);
        if (prepared.SubGraphs.Count > 0) model = InnerWeights.Stored(model, prepared.SubGraphs);
        if (prepared.Qonnx) model = QonnxForm.Apply(model, prepared);
        return new AppliedPlan(WithOpset(plain ? model : SequenceForm.Apply(OperatorForm.Apply(model), pruned.Pair)), placement, prepared.Layers, Costs.Layers(pruned.Model, pruned.Shapes), prepared.Grids);
    }

    private static PreparedPlan Prepare(ModelFacts facts, CompressionPlan plan, RangeMethod range, Func<PrunedModel, Placement, IReadOnlyList<StoredTable>, IReadOnlyDictionary<string, Quantizer>, List<LayerTask>, IReadOnlyDictionary<string, LayerResult>> round)
    {
        var pruned = PrunedModel.Of(facts, plan.Cuts);
        if (!plan.SubGraphs.IsEmpty) pruned = pruned with { Model = InnerWeights.Rounded(pruned.Model, plan.SubGraphs) };
        var placement = Place(pruned, plan);
        var roots = placement.Grids.ToDictionary(value => value, value => Grid(value, facts, plan, range) with { IsDynamic = plan.DynamicRanges.Contains(value) && placement.MayBeDynamic.Contains(value) }, StringComparer.Ordinal);
        var uncut = facts.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var tasks = pruned.Layers.Where(layer => plan.Layers[layer.Name].IsCompressed || !plan.Cuts.IsEmpty).Select(layer => Task(layer, width => MidRise.Suits(uncut[layer.Name], facts.Model.Graph, width), plan, placement)).ToList();
        var tables = facts.Tables.Where(table => plan.Tables.ContainsKey(table.Constant)).Select(table => Stored(table, pruned.Model.Graph.Constants[table.Constant], plan.Tables[table.Constant])).ToList();
        var isFine = plan.Cuts.IsEmpty && tasks.All(task => task.Bits is 7 or 8);
        tasks = tasks.ConvertAll(task => task with { IsFine = isFine });
        var results = round(pruned, placement, tables, roots, tasks).ToDictionary(entry => entry.Key, entry => WithWidths(entry.Value, plan.ChannelBits.GetValueOrDefault(entry.Key)), StringComparer.Ordinal);
        return new PreparedPlan(pruned, placement, roots, tasks, results) { Tables = tables, Qonnx = plan.Qonnx, SubGraphs = plan.SubGraphs, PackedProducts = plan.PackedProducts, Recurrent = IntegerRecurrence.Stored(plan.IntegerRecurrence, tables) };
    }

    private static Quantizer Grid(string value, ModelFacts facts, CompressionPlan plan, RangeMethod range) =>
        plan.Grids.GetValueOrDefault(value) ?? RangeSearch.Choose(facts.Histograms[value], plan.ActivationBits.GetValueOrDefault(value, 8), range);

    private static StoredTable Stored(Table table, Tensor constant, int bits) => new(table, TableStorage.Round(constant, table.Form, TableStorage.Width(table, constant, bits)));

    /// <summary>4-bit tensors and 16-bit quantizers came with operator set 21.</summary>
    private static OnnxModel WithOpset(OnnxModel model) =>
        model.Opset < 21 && model.Graph.Constants.Values.Any(constant => constant.Type is DataType.Int4 or DataType.Uint16) ? OpsetUpgrade.To(model, 21) : model;

    /// <param name="suitsMidRise">Whether the layer's weights of so many bits are nearer to a grid without zero.</param>
    private static LayerTask Task(Layer layer, Func<int, bool> suitsMidRise, CompressionPlan plan, Placement placement)
    {
        var bits = plan.Layers[layer.Name].Bits;
        // A layer in float arithmetic has no sums that could overflow.
        var activations = placement.Integer.ContainsKey(layer.Node) ? plan.ActivationBits.GetValueOrDefault(placement.Grid[layer.Input], 8) : 32;
        var mayBeMidRise = plan is { MidRise: true, Qonnx: false, Rounding: Rounding.Auto or Rounding.Nearest };
        WeightGrid Grid(int width) => mayBeMidRise && suitsMidRise(width) ? WeightGrid.MidRise(width) : plan.AllowOverflow ? WeightGrid.Of(Math.Min(width, 8)) : WeightGrid.Safe(Math.Min(width, 8), activations);
        var grid = plan.ChannelBits.TryGetValue(layer.Name, out var channels) ? Grid(bits) with { Each = [.. channels.Select(Grid)] } : Grid(bits);
        return new LayerTask(layer, bits) { Grid = grid, Rounding = plan.Rounding };
    }

    private static LayerResult WithWidths(LayerResult result, ImmutableArray<int> widths) =>
        widths.IsDefault || result.Weights is null ? result : result with { Weights = result.Weights with { Widths = widths } };

    /// <summary>Fine grids leave little to recover: an eighth of the samples does, and a locked build is quick.</summary>
    private static ModelFacts Enough(ModelFacts facts, List<LayerTask> tasks) =>
        facts.Samples.Count < 4 || !tasks.All(task => task.IsFine) ? facts : facts with { Samples = [.. facts.Samples.Take((facts.Samples.Count + 7) / 8)] };

    /// <summary>Where integers flow under a plan.</summary>
    public static Placement Place(PrunedModel pruned, CompressionPlan plan)
    {
        var layers = pruned.Layers.ToDictionary(layer => layer.Node);
        return Placement.Of(pruned.Model, pruned.Layers, pruned.Shapes, node =>
            !plan.FloatOperators.Contains(OperatorClass.Of(node, pruned.Model.Graph))
            && (!layers.TryGetValue(node, out var layer) || plan.Layers[layer.Name] is { IsCompressed: true, Arithmetic: Arithmetic.Integer }));
    }

    private static IReadOnlyDictionary<string, LayerResult> Walk(ModelFacts facts, PrunedModel pruned, Placement placement, IReadOnlyList<StoredTable> tables, IReadOnlyDictionary<string, Quantizer> grids, List<LayerTask> tasks, int threads, Action<double>? progress, CancellationToken cancellation)
    {
        if (!facts.HasSamples) return tasks.ToDictionary(task => task.Layer.Name, task => WithoutData.Round(pruned.Model, task));
        using var walk = new PrefixWalk(Enough(facts, tasks), pruned, grids, threads, placement, tables);
        return walk.Run(tasks, progress, cancellation);
    }
}
