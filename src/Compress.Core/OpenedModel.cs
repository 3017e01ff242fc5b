using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress;

/// <summary>Everything that a compression works with, opened: the model folded and calibrated, the gate ready to measure.</summary>
internal sealed class OpenedModel : IDisposable
{
    /// <summary>Calibration samples that one batch of the walk holds.</summary>
    private const int BatchSize = 64;

    /// <summary>Activations of the walk are kept in memory; a set that would need more is used in part.</summary>
    private const long WalkElements = 400L << 20 >> 2;

    private readonly OnnxModel source;

    /// <summary>The facts of the model after an edit, on the same samples.</summary>
    private readonly Func<OnnxModel, ModelFacts> refind;

    private OpenedModel(OnnxModel source, LoadableModel loadable, SearchContext search, IReadOnlyDictionary<string, Tensor> sample, Func<OnnxModel, ModelFacts> refind) =>
        (this.source, Loadable, Search, Sample, this.refind) = (source, loadable, search, sample, refind);

    /// <summary>The model as it came.</summary>
    public LoadableModel Loadable { get; }

    public SearchContext Search { get; }

    /// <summary>One sample; zeros where the policy names no data.</summary>
    public IReadOnlyDictionary<string, Tensor> Sample { get; }

    /// <summary>The model to ship when nothing is to be changed: the file itself, or one with its external data inside.</summary>
    public byte[] Original => OriginalOf(source);

    /// <summary>What there is to search in: the model as it is, and the same with layers as products of two where that is worth a trial.</summary>
    /// <param name="search">That of this model, with more of its own.</param>
    public IReadOnlyList<SearchContext> Forms(SearchContext search)
    {
        if (!LowRank.IsAllowed(search)) return [search];
        var lowRank = new LowRank(search);
        return lowRank.Ranks() is { IsEmpty: false } ranks && lowRank.Apply(ranks) is { } model ? [search, Factored(search, ranks, model)] : [search];
    }

    /// <summary>The form that a plan is for; null: the model has none like it.</summary>
    public SearchContext? FormOf(CompressionPlan plan) =>
        plan.Factors.IsEmpty ? Search : Search.Facts.HasSamples && new LowRank(Search).Apply(plan.Factors) is { } model ? Factored(Search, plan.Factors, model) : null;

    private SearchContext Factored(SearchContext search, ImmutableSortedDictionary<string, int> ranks, OnnxModel model)
    {
        var facts = refind(model);
        var rules = search.Facts.Layers.Zip(search.Rules).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        return search with
        {
            Facts = facts,
            Factors = ranks,
            Original = search.Facts.Model,
            FloatCosts = search.FloatCosts,
            FloatMemory = search.FloatMemory,
            Rules = [.. facts.Layers.Select(layer => rules.GetValueOrDefault(layer.Name))],
            LayerShapes = Costs.Layers(facts.Model, facts.Shapes),
            Memory = search.Memory.Of(string.Join(' ', ranks.Select(layer => $"{layer.Key} {layer.Value}"))),
        };
    }

    public static byte[] OriginalOf(OnnxModel source) => source.Files.Count == 1 ? File.ReadAllBytes(source.Files[0]) : OnnxWriter.ToBytes(source);

    public static OpenedModel Open(CompressionRequest request, CompressionInputs inputs, OutcomeCache cache, CancellationToken cancellation)
    {
        var (policy, source) = (request.Policy, inputs.Model);
        NativeRuntime.Use(policy.Runtime?.Value, policy.Runtime?.Location);
        ExecutionProvider.Use(policy.Provider, policy.Where("provider"));
        foreach (var warning in source.Warnings) request.Reporter.Report(warning);
        Check(policy, inputs, request.Reporter);
        var loadable = LoadableModel.AsRead(source);
        var (folded, log) = Folding.Apply(OpsetUpgrade.To(source, Math.Max(source.Opset, QuantizedGraph.Opset)));
        folded = SeparateVectors.Apply(folded);
        GraphRules.CheckAfter("folding", folded);
        request.Reporter.Stage($"read {Path.GetFileName(policy.Model.Value)}: {folded.Graph.Nodes.Count} nodes{(log.ToString() is { Length: > 0 } done ? $" ({done})" : "")}");

        var sample = (inputs.Calibration ?? inputs.Validation)?.Read(0, 1, 1).First().Inputs ?? BlankFeed.For(folded);
        var (facts, refind) = Facts(folded, sample, inputs.Calibration, request, cancellation);
        var holders = InnerWeights.Holders(folded.Graph).ToList();
        List<LayerName> names =
        [
            .. facts.Layers.Select(layer => new LayerName(layer.Name, layer.Node.Op)),
            .. holders.Select(node => new LayerName(LayerNames.Of(node), node.Op, HasWeights: false)),
            .. facts.Tables.Select(table => new LayerName(table.Name, table.Op, HasWeights: false)),
        ];
        var rules = LayerRules.Resolve(names, policy.Layers, request.Reporter);
        var search = new SearchContext
        {
            Facts = facts,
            Source = loadable,
            Policy = policy,
            Rules = [.. rules.Take(facts.Layers.Count)],
            SubGraphs = [.. holders.Where((_, i) => rules[facts.Layers.Count + i] is not { KeepFloat: true }).Select(LayerNames.Of)],
            TableRules = [.. rules.Skip(facts.Layers.Count + holders.Count)],
            Evaluator = Evaluator.For(policy.Accuracy, loadable, inputs.Validation, request.Threads) is { } evaluator ? cache.Remembering(evaluator) : null,
            FloatSize = source.Files.Sum(FileSize.Of),
            LayerShapes = Costs.Layers(facts.Model, facts.Shapes),
            Threads = request.Threads,
            Latencies = new LatencyTable(request.CacheFolder is { } folder ? new ResultCache(folder) : null),
            Reporter = request.Reporter,
            Cancellation = cancellation,
            Memory = cache.Memory(),
        };
        if (policy.Budget?.Latency is not null && facts.HasSamples) search = search with { FloatMilliseconds = LatencyBudget.FloatMilliseconds(search) };
        return new OpenedModel(source, loadable, search, sample, refind);
    }

    public void Dispose() => Search.Evaluator?.Dispose();

    private static void Check(ModelPolicy policy, CompressionInputs inputs, IReporter reporter)
    {
        if (inputs.Calibration is not { } samples) return;
        var validation = inputs.Validation is { } set ? new CheckedData(set, policy.Accuracy!.Samples ?? set.Count, policy.Where("accuracy.data")) : null;
        DataChecks.Warn(new CheckedData(samples, policy.Calibration!.Samples, policy.Where("calibration.data")), validation, reporter);
    }

    /// <summary>Only residual sums before a normalization are asked about.</summary>
    private static IReadOnlyDictionary<string, ValueFacts>? Pair(OnnxModel model, IDataset calibration) =>
        calibration is { Count: >= 2, LargestBatch: int.MaxValue } && model.Graph.Nodes.Any(node => node.Is("LayerNormalization")) ? ObservedShapes.Observe(model, calibration.Read(0, 2, 2).First().Inputs) : null;

    /// <summary>The facts, and how those of an edited model are found.</summary>
    private static (ModelFacts Facts, Func<OnnxModel, ModelFacts> Again) Facts(OnnxModel model, IReadOnlyDictionary<string, Tensor> sample, IDataset? calibration, CompressionRequest request, CancellationToken cancellation)
    {
        var facts = ModelFacts.Of(model, sample);
        if (facts.Layers.Count == 0) return (facts, edited => ModelFacts.Of(edited, sample));
        if (calibration is null)
        {
            request.Reporter.Report(Codes.NoCalibration(request.Policy.Model.Location));
            return (facts, edited => ModelFacts.Of(edited, sample));
        }
        var count = Math.Min(calibration.Count, request.Policy.Calibration!.Samples);
        var batch = Math.Min(BatchSize, calibration.LargestBatch);
        var widest = facts.Shapes.Where(entry => !model.Graph.Constants.ContainsKey(entry.Key)).Max(entry => entry.Value.Count);
        var kept = (int)Math.Clamp(WalkElements / Math.Max(1, widest * 4), 1, count);
        var samples = Padding.CutOff(model, [.. calibration.Read(0, kept, batch)]);
        if (MayEqualize(request.Policy)) facts = ModelFacts.Of(Equalization.Apply(model, facts.Layers, facts.Shapes, samples, request.Threads), sample);
        return (Calibrated(facts), edited => Calibrated(ModelFacts.Of(edited, sample)));

        ModelFacts Calibrated(ModelFacts facts)
        {
            var values = Placement.Of(facts.Model, facts.Layers, facts.Shapes, _ => true).Possible.ToList();
            var histograms = new CalibratedOnDemand(() =>
            {
                var taken = Calibration.Run(facts.Model, values, kept == count ? samples : calibration.Read(0, count, batch), request.Threads, cancellation);
                request.Reporter.Stage($"calibrated {values.Count} activations on {count} samples");
                return taken;
            });
            return facts with { Samples = samples, Histograms = histograms, Pair = Pair(facts.Model, calibration) };
        }
    }

    /// <summary>Channels are made alike where activations will have 8 bits or fewer.</summary>
    internal static bool MayEqualize(ModelPolicy policy) =>
        policy is { Quantize.Enabled: true, Target: not Target.WeightOnly } && policy.Quantize.Activations.DefaultIfEmpty(8).Max() <= 8;
}
