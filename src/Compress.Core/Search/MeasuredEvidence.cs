using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;
using Onnx;

namespace Compress.Search;

/// <summary>Gathers what importance criteria ask for by runs of the model over the samples: each kind of evidence once, and only when it is asked for.</summary>
public sealed class MeasuredEvidence
{
    private readonly OnnxModel model;
    private readonly ChannelGroupSet groups;
    private readonly IReadOnlyList<Batch> samples;
    private readonly SessionSettings settings;
    private readonly bool areScores;
    private readonly Lazy<IReadOnlyDictionary<(string Value, int Axis), ChannelStatistics>> activations;
    private readonly Lazy<float[]> before;

    /// <param name="model">The model that is ranked; for a ranking on a pruned prefix, the one whose prefix is pruned or masked.</param>
    /// <param name="groups">Its channel groups.</param>
    /// <param name="withRanks">Whether ranks of feature maps are wanted: they cost more than all the rest.</param>
    /// <param name="areScores">Whether the first output holds class scores.</param>
    public MeasuredEvidence(OnnxModel model, ChannelGroupSet groups, IReadOnlyList<Batch> samples, int threads, bool withRanks = false, bool areScores = false)
    {
        (this.model, this.groups, this.samples, this.areScores) = (model, groups, samples, areScores);
        settings = new SessionSettings(threads);
        activations = new(() => Activations(withRanks));
        before = new(() => Outputs(model));
    }

    /// <param name="readers">The layers that read a group's channels, as <see cref="ChannelReaders"/> finds them; null where least squares are not asked for.</param>
    public ChannelEvidence With(Func<ChannelGroup, IReadOnlyList<ChannelReader>?>? readers = null) => new()
    {
        Constant = name => model.Graph.Constants[name],
        Activation = (value, axis) => activations.Value[(value, axis)],
        Readers = readers ?? (_ => null),
        Masked = Masked,
        Gates = new GateGradients(model, groups.Shapes, samples, settings, areScores ? model.Graph.Outputs[0].Name : null).Of,
    };

    private OutputChange Masked(ChannelGroup group, int channel)
    {
        int[] kept = [.. Enumerable.Range(0, group.Channels).Where(other => other != channel)];
        var after = Outputs(MaskChannels.Apply(model, groups, [new ChannelCut(group.Id, kept)]));
        return new OutputChange(before.Value, after, before.Value.Length / samples.Sum(batch => batch.Samples), areScores);
    }

    private float[] Outputs(OnnxModel variant)
    {
        using var session = new Session(variant, settings);
        return [.. samples.SelectMany(batch => session.Run(batch.Inputs).Values.First().Floats())];
    }

    private IReadOnlyDictionary<(string, int), ChannelStatistics> Activations(bool withRanks)
    {
        var sums = groups.Open.SelectMany(group => group.Producers.Concat(group.Consumers)).Select(layer => (layer.Activation.Value, layer.Activation.Axis)).Distinct()
            .ToDictionary(site => site, site => new ChannelStatisticsSum(site.Axis, withRanks));
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        foreach (var value in sums.Keys.Select(site => site.Value).Distinct()) probe.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        Unused.Remove(probe.Graph);
        using var session = new Session(probe, settings);
        foreach (var batch in samples)
        {
            var values = session.Run(batch.Inputs);
            foreach (var (site, sum) in sums) sum.Add(values[site.Value]);
        }
        return sums.ToDictionary(site => site.Key, site => site.Value.Result);
    }
}
