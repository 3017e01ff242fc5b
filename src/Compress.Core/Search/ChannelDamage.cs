using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// What the outputs lose when channels of one group alone go and their readers make up for them as well as they can. The least-squares loss knows how
/// much each layer is off; how much that counts at the outputs is measured, at a few numbers of channels.
/// </summary>
internal sealed class ChannelDamage
{
    private static readonly double[] Shares = [0.25, 0.5, 0.75];

    private readonly SearchContext context;
    private readonly IReadOnlyList<Batch> samples;
    private readonly List<IReadOnlyDictionary<string, Tensor>> exact;

    public ChannelDamage(SearchContext context, IReadOnlyList<Batch> samples)
    {
        (this.context, this.samples) = (context, samples);
        exact = Outputs(context.Facts.Model);
    }

    /// <summary>The order in which the group's channels go, and the measured damage.</summary>
    public Elimination Of(ChannelGroup group, IReadOnlyList<ChannelReader> readers)
    {
        var stops = Shares.Select(share => (int)(share * group.Channels)).Where(gone => gone > 0 && gone < group.Channels).Distinct().ToList();
        if (OptionalBranch.Of(group, context.Facts) is not null) stops.Add(group.Channels);
        var measured = new List<(int, double)>();
        var elimination = ChannelElimination.Of(group.Channels, readers, context.Cancellation, (gone, weights) =>
        {
            if (measured.Count == stops.Count || gone < stops[measured.Count]) return;
            measured.Add((gone, Damage(group, readers, weights)));
        });
        return elimination.Agreeing(measured);
    }

    private double Damage(ChannelGroup group, IReadOnlyList<ChannelReader> readers, IReadOnlyList<double[]> weights)
    {
        var facts = context.Facts;
        var changed = new OnnxModel { Graph = new OnnxGraph { Name = facts.Model.Graph.Name, Nodes = facts.Model.Graph.Nodes, Inputs = facts.Model.Graph.Inputs, Outputs = facts.Model.Graph.Outputs, Constants = new(facts.Model.Graph.Constants, StringComparer.Ordinal) }, Header = facts.Model.Header };
        for (var i = 0; i < readers.Count; i++)
        {
            var layer = facts.Layers.First(layer => layer.Name == group.Consumers[i].Layer && layer.Weight == group.Consumers[i].Weight.Value);
            var weight = facts.Model.Graph.Constants[layer.Weight];
            changed.Graph.Constants[layer.Weight] = weight.WithFloats(WeightMatrix.ToTensorLayout(layer, weight.Dims, Array.ConvertAll(weights[i], value => (float)value)), weight.Dims);
            if (layer.Bias is { } bias && layer.TakesBias) changed.Graph.Constants[bias] = Shifted(facts.Model, layer, readers[i], weights[i]);
        }
        var outputs = Outputs(changed);
        double sum = 0;
        for (var b = 0; b < samples.Count; b++)
            sum += exact[b].Sum(output => OutputDamage.Of(output.Value, outputs[b][output.Key], output.Key == context.Scores)) / exact[b].Count / samples.Count;
        return sum;
    }

    /// <summary>The bias that keeps the mean of the layer's output.</summary>
    private static Tensor Shifted(OnnxModel model, Layer layer, ChannelReader reader, double[] weights)
    {
        var matrix = WeightMatrix.Of(layer, model.Graph.Constants[layer.Weight]);
        var bias = WithoutData.Bias(model, layer, matrix);
        for (var r = 0; r < matrix.Rows; r++)
        {
            double shift = 0;
            for (var c = 0; c < matrix.Columns; c++) shift += (reader.Weights[(r * matrix.Columns) + c] - weights[(r * matrix.Columns) + c]) * reader.Moments.MeanX[c];
            bias[r / matrix.RowsPerScale] += (float)(shift / matrix.RowsPerScale);
        }
        var old = model.Graph.Constants[layer.Bias!];
        return old.WithFloats(bias, old.Dims);
    }

    private List<IReadOnlyDictionary<string, Tensor>> Outputs(OnnxModel model)
    {
        using var session = new Session(model, new SessionSettings(context.Threads));
        return [.. samples.Select(batch => session.Run(batch.Inputs))];
    }
}
