using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search.Solvers;
using Compress.Training;

namespace Compress.Search;

/// <summary>All that a method works with.</summary>
public sealed record SearchContext
{
    public required ModelFacts Facts { get; init; }

    /// <summary>The model whose outputs are to be kept, where the facts are of one that was trained since; null: that of the facts.</summary>
    public OnnxModel? Original { get; init; }

    /// <summary>The float model as its file has it: what times are told against. Null: that of the facts.</summary>
    public LoadableModel? Source { get; init; }

    public required ModelPolicy Policy { get; init; }

    /// <summary>For each layer of the facts, the rule that holds for it.</summary>
    public required IReadOnlyList<LayerRule?> Rules { get; init; }

    /// <summary>For each table of the facts, the rule that holds for it.</summary>
    public IReadOnlyList<LayerRule?> TableRules { get; init; } = [];

    /// <summary>Null: nothing to check with.</summary>
    public IEvaluator? Evaluator { get; init; }

    /// <summary>Whether something is checked that a model can miss. A metric without a bound is for the report alone: any model would pass.</summary>
    public bool IsGated => Evaluator is not null && Policy.Accuracy is { IsBounded: true };

    public required long FloatSize { get; init; }

    public required IReadOnlyList<LayerShape> LayerShapes { get; init; }

    /// <summary>Kinds of nodes that stay in float arithmetic, see <see cref="ArithmeticTrial"/>.</summary>
    public ImmutableSortedSet<string> FloatOperators { get; init; } = [];

    /// <summary>Layers that stay in float arithmetic because integers cost them too much accuracy; their weights are still stored in few bits.</summary>
    public ImmutableSortedSet<string> FloatLayers { get; init; } = [];

    /// <summary>Whether dense layers in float arithmetic read packed weights, see <see cref="PackedTrial"/>.</summary>
    public bool KeepsPacked { get; init; }

    /// <summary>Whether plans may have mid-rise grids. Roundings that others published have grids of their own, QONNX's have a zero, and training learns on such.</summary>
    public bool MidRise => Policy is { Train: null, Target: not Target.Qonnx, Quantize.Rounding: Rounding.Auto or Rounding.Nearest };

    /// <summary>The grid on which a layer's weights of so many bits are priced; a plan may give 8 bits half of it, see <see cref="Apply.WeightGrid.Safe"/>.</summary>
    public WeightGrid WeightGrid(Layer layer, int bits) => MidRise && Apply.MidRise.Suits(layer, Facts.Model.Graph, bits) ? Apply.WeightGrid.MidRise(bits) : Apply.WeightGrid.Of(bits);

    /// <summary>Values whose ranges are taken from each input as the model runs, because static ones cost too much accuracy.</summary>
    public ImmutableSortedSet<string> DynamicRanges { get; init; } = [];

    /// <summary>Layers that keep their float weights because fewer bits cost them too much accuracy.</summary>
    public ImmutableSortedSet<string> UntouchedLayers { get; init; } = [];

    /// <summary>Nodes of control flow whose sub-graphs hold weights, but for those that a rule keeps in float.</summary>
    public IReadOnlyList<string> SubGraphs { get; init; } = [];

    /// <summary>Layers that are products of two in the model of the facts, see <see cref="CompressionPlan.Factors"/>.</summary>
    public ImmutableSortedDictionary<string, int> Factors { get; init; } = ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Channels that go before anything else is decided, because the policy says how many.</summary>
    public ImmutableArray<ChannelCut> Cuts { get; init; } = [];

    public int Threads { get; init; } = 1;

    /// <summary>Times of operators on this machine.</summary>
    public LatencyTable Latencies { get; init; } = new();

    /// <summary>Time of the float model on one sample; measured where a budget bounds it.</summary>
    public double FloatMilliseconds { get; init; }

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    public CancellationToken Cancellation { get; init; }

    /// <summary>From when on the best plan so far will do.</summary>
    public CancellationToken Enough { get; init; }

    public SearchMemory Memory { get; init; } = new();

    public Course Course => new(Cancellation, Enough, Reporter.Progress);

    /// <summary>The first calibration sample, as the shapes have it.</summary>
    public IReadOnlyDictionary<string, Tensor> FirstSample => FirstOf(Facts);

    internal static IReadOnlyDictionary<string, Tensor> FirstOf(ModelFacts facts) => facts.Sample ?? facts.Samples[0].Inputs.ToDictionary(
        input => input.Key, input => facts.Shapes[input.Key].Dims.SequenceEqual(input.Value.Dims) ? input.Value : TensorSlices.Take(input.Value, 0, [0]));

    /// <summary>Of the model as it came.</summary>
    public PlanCosts FloatCosts { get => field ?? PlanCosts.Float(LayerShapes); init; }

    /// <summary>Whether a layer is the first or the last: where one number of bits is asked for, these keep 8.</summary>
    public bool IsBorder(int layer) => layer == 0 || layer == Facts.Layers.Count - 1;

    /// <summary>A layer's choice after the policy's rule for it; float throughout for `quantize: none`.</summary>
    public LayerChoice Choice(int layer, int weightBits, int activationBits)
    {
        var rule = Rules[layer];
        if (rule is { KeepFloat: true } || !Policy.Quantize.Enabled || UntouchedLayers.Contains(Facts.Layers[layer].Name)) return LayerChoice.Untouched;
        var integer = !FloatLayers.Contains(Facts.Layers[layer].Name) && (rule?.Activations ?? activationBits) < 32 && Facts.HasSamples && Policy.Target != Target.WeightOnly;
        return new LayerChoice(rule?.Weights ?? weightBits, integer ? Arithmetic.Integer : Arithmetic.Float);
    }

    /// <summary>Bytes by which a plan's file may be too large; not above 0: it fits.</summary>
    public double Excess(CompressionPlan plan, IReadOnlyDictionary<Resource, double> limits) =>
        limits.TryGetValue(Resource.Size, out var limit) ? SketchedSize(plan) + AutoMethod.Slack - limit : 0;

    /// <summary>Carries a plan out: model, bytes, costs.</summary>
    public Candidate Build(CompressionPlan plan)
    {
        // A reconstruction starts from the grids that calibration finds, and learns those that the plan has.
        if (plan.Reconstruction > 0) return Reconstructed(Learning.Build(plan with { Grids = plan.Grids.Clear(), Reconstruction = 0 }), plan.Reconstruction);
        return Written(plan, PlanApplier.Write(PlanApplier.Prepare(Facts, plan, plan.Range, Threads, Reporter.Progress, Cancellation), plan.Plain));
    }

    /// <summary>See <see cref="Sensitivity.Scores"/>.</summary>
    public string? Scores => Sensitivity.Scores(Policy, Facts.Model.Graph);

    /// <summary>The same with the samples that a reconstruction learns from: the others are to tell what it is worth, so no weights before it may be fitted to them either.</summary>
    public SearchContext Learning => this with { Facts = Facts with { Samples = Reconstruction.Split(Facts.Samples).Learned } };

    /// <summary>A candidate whose weights were fitted layer by layer to the <see cref="Learning"/> samples, after so many passes of <see cref="Reconstruction"/>.</summary>
    public Candidate Reconstructed(Candidate fitted, int passes)
    {
        var plan = fitted.Plan with { Reconstruction = passes };
        var learned = Reconstruction.Run(Learning.Facts, Prepared(fitted), passes, Scores, Policy.Seed, Threads, Reporter, Cancellation);
        return Written(plan, PlanApplier.Write(learned, plan.Plain));
    }

    /// <summary>A candidate as it was before its graph was written.</summary>
    public PreparedPlan Prepared(Candidate candidate) => PlanApplier.Roughly(Facts, candidate.Plan) with { Layers = candidate.Applied.Layers, Grids = candidate.Applied.Grids };

    /// <summary>Carries a plan out just well enough to tell it from others.</summary>
    public Candidate Draft(CompressionPlan plan) => Written(plan, PlanApplier.Draft(Facts, plan, plan.Range, Threads, Cancellation));

    /// <summary>What a plan would cost: a model of the right form whose weights are merely rounded, at once.</summary>
    public Candidate Sketch(CompressionPlan plan) => Written(plan, PlanApplier.Sketch(Facts, plan));

    /// <summary>A plan that was carried out, as the file that is shipped.</summary>
    public static Candidate Written(CompressionPlan plan, AppliedPlan applied)
    {
        GraphRules.CheckAfter("applying the plan", applied.Model);
        var bytes = OnnxWriter.ToBytes(Lean.Apply(applied.Model));
        var chosen = plan with { Grids = applied.Grids.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        return new Candidate(chosen, applied, bytes, PlanCosts.Of(applied.Shapes, plan, applied.Placement));
    }

    /// <summary>Bytes of the file that a plan gives, without carrying it out: they do not depend on the weights' values.</summary>
    public long SketchedSize(CompressionPlan plan) => OnnxWriter.ToProto(Lean.Apply(PlanApplier.Sketch(Facts, plan).Model)).CalculateSize();

    /// <summary>Measures a candidate on ONNX Runtime and holds it against the gate.</summary>
    public Candidate Measure(Candidate candidate)
    {
        if (Evaluator is null || candidate.Metric is not null) return candidate;
        var metric = Evaluator.Measure(candidate.Model, Cancellation);
        return candidate with { Metric = metric, Verdict = Gate.Check(Policy.Accuracy!, Evaluator.MeasureFloat(Cancellation), metric) };
    }

    /// <summary>The first budget that a candidate misses, as text; null when it meets all. Latency is checked on the final file.</summary>
    public string? Missed(Candidate candidate)
    {
        if (Policy.Budget is not { } budget) return null;
        string? Check(string name, Bound? bound, double original, double value) =>
            bound is not null && value > bound.Limit(original) ? $"{name} is {value:0.###}, the budget allows {bound.Limit(original):0.###}" : null;
        return Check("size", budget.Size, FloatSize, candidate.Size)
            ?? Check("bops", budget.Bops, FloatCosts.Bops, candidate.Costs.Bops)
            ?? Check("macs", budget.Macs, FloatCosts.Macs, candidate.Costs.Macs)
            ?? (budget.Memory is null ? null : Check("memory", budget.Memory, FloatMemory, PeakMemory(candidate)));
    }

    /// <summary>Bytes of the activations of the model as it came, at their peak.</summary>
    public long FloatMemory { get => field > 0 ? field : Costs.PeakMemory(Facts.Model.Graph, Facts.Shapes, melted: Melted().Values.ToHashSet(StringComparer.Ordinal)); init; }

    /// <summary>The same of a candidate: quantized activations take a byte an element, however coarse their grid; 16-bit ones two. What float nodes give, or read, is there in float as well.</summary>
    public long PeakMemory(Candidate candidate)
    {
        var (pruned, placement, melted) = (PrunedModel.Of(Facts, candidate.Plan.Cuts), candidate.Applied.Placement, Melted());
        double? Bits(string value)
        {
            var stored = melted.GetValueOrDefault(value, value);
            if (!placement.Grid.TryGetValue(stored, out var root)) return null;
            return (candidate.Plan.ActivationBits.GetValueOrDefault(root, 8) > 8 ? 16 : 8) + (placement.Exact.Contains(stored) ? 32 : 0);
        }
        return Costs.PeakMemory(pruned.Model.Graph, pruned.Shapes, Bits, melted.Values.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>What a layer gives → what the Relu or Clip behind it makes of it: ONNX Runtime runs both as one, in float as well.</summary>
    private Dictionary<string, string> Melted() =>
        Placement.Of(Facts.Model, Facts.Layers, Facts.Shapes, _ => true).Absorbed.ToDictionary(node => node.Inputs[0], node => node.Output, StringComparer.Ordinal);
}
