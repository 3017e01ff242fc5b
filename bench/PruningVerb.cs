using System.Globalization;
using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress.Bench;

/// <summary>Which channels go, in which order, and what refitting gives back: the same share of every group of resnet20, in float.</summary>
internal static class PruningVerb
{
    private static readonly double[] Ratios = [0.25, 0.5];

    /// <summary>Criteria, and whether each group is ranked behind the pruned prefix.</summary>
    private static readonly (string Name, IChannelImportance Criterion, bool Sequential)[] Rankings =
    [
        ("weight magnitude, L1", new WeightMagnitudeL1(), false),
        ("weight magnitude, L2", new WeightMagnitudeL2(), false),
        ("activation frequency", new ActivationFrequency(), false),
        ("mean absolute activation", new MeanAbsoluteActivation(), false),
        ("mean absolute activation", new MeanAbsoluteActivation(), true),
        ("energy in the consumers", new ConsumerEnergy(), false),
        ("energy in the consumers", new ConsumerEnergy(), true),
        ("rank of the feature maps", new FeatureMapRank(), false),
        ("Taylor, by gradients", new Taylor(), false),
        ("Fisher, by gradients", new Fisher(), false),
        ("Fisher, by gradients", new Fisher(), true),
        ("least-squares loss of the channel alone", new StructuredObs(), false),
    ];

    public static string Run(Assets assets)
    {
        var model = BenchModel.Of("resnet20");
        var policy = RowRun.Policy(new Row($"{model.Name} pruned", "quantize: none", ""), assets);
        var facts = BenchFacts.Of(assets, model, policy);
        var test = RowRun.Samples(model, assets, policy);
        var moments = LayerStatistics.Collect(facts, facts.Layers, Environment.ProcessorCount);
        IReadOnlyList<ChannelReader>? Readers(ChannelGroup group) => ChannelReaders.Of(group, facts, moments, _ => 1);

        var orders = facts.Groups.Open.ToDictionary(group => group.Id, group => ChannelElimination.Of(group.Channels, Readers(group)!), StringComparer.Ordinal);
        var exact = Cells("least-squares loss, one channel after the other", "at once", ratio => [.. facts.Groups.Open.Select(group => new ChannelCut(group.Id, orders[group.Id].Kept((int)(ratio * group.Channels), group.Channels)))], facts, test);
        return $"Top-1 of {test.Count:#,0} images; float: {Accuracy(facts.Model, test):0.00}\n\n" + Markdown.Table(
            ["channels go by", "groups ranked", .. Ratios.SelectMany(ratio => new[] { $"{ratio:0 %} gone, cut", $"{ratio:0 %} gone, refitted" })],
            [.. Rankings.Select(ranking => Cells(ranking.Name, ranking.Sequential ? "behind the pruned prefix" : "at once", ratio => Cuts(facts, ranking.Criterion, ranking.Sequential, ratio, Readers), facts, test)), exact]);
    }

    private static string[] Cells(string name, string order, Func<double, IReadOnlyList<ChannelCut>> cuts, ModelFacts facts, IDataset test)
    {
        var cells = new List<string> { name, order };
        foreach (var ratio in Ratios)
        {
            var chosen = cuts(ratio);
            var plan = CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)) with { Cuts = [.. chosen] };
            cells.Add(Accuracy(RemoveChannels.Apply(facts.Model, facts.Groups, chosen), test).ToString("0.00", CultureInfo.InvariantCulture));
            cells.Add(Accuracy(PlanApplier.Apply(facts, plan, RangeMethod.Auto, Environment.ProcessorCount).Model, test).ToString("0.00", CultureInfo.InvariantCulture));
            Console.Error.WriteLine($"{name}, {order}, {ratio}: {cells[^2]} → {cells[^1]}");
        }
        return [.. cells];
    }

    private static List<ChannelCut> Cuts(ModelFacts facts, IChannelImportance criterion, bool sequential, double ratio, Func<ChannelGroup, IReadOnlyList<ChannelReader>?> readers)
    {
        var cuts = new List<ChannelCut>();
        foreach (var group in facts.Groups.Open)
        {
            var ranked = sequential ? MaskChannels.Apply(facts.Model, facts.Groups, cuts) : facts.Model;
            var scores = criterion.Score(group, new MeasuredEvidence(ranked, facts.Groups with { Groups = [group] }, facts.Samples, Environment.ProcessorCount, withRanks: criterion is FeatureMapRank, areScores: true).With(readers));
            cuts.Add(new ChannelCut(group.Id, LowestShare.Kept(scores, ratio)));
        }
        return cuts;
    }

    private static double Accuracy(OnnxModel model, IDataset test)
    {
        using var session = new Session(model, new SessionSettings(Environment.ProcessorCount));
        long right = 0;
        foreach (var batch in test.Read(0, test.Count, 64))
        {
            var (logits, labels) = (session.Run(batch.Inputs)[session.Outputs[0]].Floats(), batch.Extras["labels"].Integers());
            var classes = logits.Length / labels.Length;
            for (var i = 0; i < labels.Length; i++)
            {
                var row = logits.AsSpan(i * classes, classes);
                if (System.Numerics.Tensors.TensorPrimitives.IndexOfMax(row) == labels[i]) right++;
            }
        }
        return 100.0 * right / test.Count;
    }
}
