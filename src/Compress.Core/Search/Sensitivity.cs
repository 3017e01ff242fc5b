using System.Collections.Concurrent;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>Measured damage: what happens to the outputs when one choice alone is made, with weights already recovered. Widths above five follow from that of five.</summary>
/// <param name="Weights">Layer name → bits → damage.</param>
/// <param name="Activations">Value that names a grid → bits → damage.</param>
/// <param name="Channels">Group id → the order in which channels go and the damage after each.</param>
public sealed record Sensitivity(
    IReadOnlyDictionary<string, IReadOnlyDictionary<int, double>> Weights,
    IReadOnlyDictionary<string, IReadOnlyDictionary<int, double>> Activations,
    IReadOnlyDictionary<string, Elimination> Channels)
{
    /// <summary>Layer name → second moments in the float model; layers without matrix form are missing.</summary>
    public IReadOnlyDictionary<string, Moments> Moments { get; init; } = new Dictionary<string, Moments>();

    /// <summary>Group id → the layers that read its channels, for the groups of <see cref="Channels"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ChannelReader>> Readers { get; init; } = new Dictionary<string, IReadOnlyList<ChannelReader>>();

    public static readonly int[] WeightBits = [8, 7, 6, 5, 4, 3, 2, QuantizePolicy.Ternary];
    public static readonly int[] ActivationBits = [8, 7, 6, 5, 4];

    /// <summary>The finest width that is probed. Each bit more quarters the error of rounding, and so the damage.</summary>
    private const int FinestProbed = 5;

    private static readonly int[] ProbedWeightBits = [.. WeightBits.Where(bits => bits <= FinestProbed)], ProbedActivationBits = [.. ActivationBits.Where(bits => bits <= FinestProbed)];

    /// <summary>The width at which a layer's damage per squared error is read off, for the channels' loss: clearly felt, not yet ruined.</summary>
    internal const int GainBits = 3;

    public static Sensitivity Measure(SearchContext context, bool activations, bool channels)
    {
        var facts = context.Facts;
        var moments = LayerStatistics.Collect(facts, facts.Layers, context.Threads, context.Cancellation);
        var probed = Probed(facts);
        var probe = new SuffixProbe(facts, probed, context.Scores, context.Threads, context.Cancellation);

        var weights = new ConcurrentDictionary<string, IReadOnlyDictionary<int, double>>(StringComparer.Ordinal);
        var gains = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        var done = 0;
        Concurrent.ForEach(facts.Layers, context.Threads, context.Cancellation, layer =>
        {
            var roundings = ProbedWeightBits.Select(bits => Round(facts, layer, moments.GetValueOrDefault(layer.Name), bits, context)).ToList();
            var damage = Probe(facts, probe, layer, [.. roundings.Select(rounding => (rounding.Values, rounding.Bias))]);
            weights[layer.Name] = AtAll(WeightBits, ProbedWeightBits.Zip(damage));
            var gain = Array.IndexOf(ProbedWeightBits, GainBits);
            gains[layer.Name] = roundings[gain].Error > 0 ? damage[gain] / roundings[gain].Error : 0;
            context.Reporter.Progress((double)Interlocked.Increment(ref done) / facts.Layers.Count);
        });

        var grids = new ConcurrentDictionary<string, IReadOnlyDictionary<int, double>>(StringComparer.Ordinal);
        if (activations)
            Concurrent.ForEach(facts.Histograms, context.Threads, context.Cancellation, entry =>
            {
                var quantizers = ProbedActivationBits.Select(bits => RangeSearch.Choose(entry.Value, bits, RangeMethod.Mse)).ToList();
                var damage = probe.Damage(entry.Key, quantizers.Count, (v, b) => OnGrid(probe[b, entry.Key], quantizers[v]));
                grids[entry.Key] = AtAll(ActivationBits, ProbedActivationBits.Zip(damage));
            });

        var eliminations = new Dictionary<string, Elimination>(StringComparer.Ordinal);
        var readersOf = new Dictionary<string, IReadOnlyList<ChannelReader>>(StringComparer.Ordinal);
        if (channels)
        {
            var damage = new ChannelDamage(context, probed);
            foreach (var group in facts.Groups.Open)
                if (ChannelReaders.Of(group, facts, moments, name => gains.GetValueOrDefault(name, 1)) is { } readers)
                    eliminations[group.Id] = damage.Of(group, readersOf[group.Id] = readers);
        }
        return new Sensitivity(weights, grids, eliminations) { Moments = moments, Readers = readersOf };
    }

    /// <summary>The samples on which damage is measured.</summary>
    internal static Batch[] Probed(ModelFacts facts) => [.. facts.Samples.Take(Math.Max(1, 128 / facts.Samples[0].Samples))];

    /// <summary>The output that the metric looks at, where that compares class scores: logits for all that is known. Null: none is, and the squared error counts; so it does for all others.</summary>
    public static string? Scores(ModelPolicy policy, OnnxGraph graph) =>
        policy.Accuracy is { Metric: MetricKind.Top1 or MetricKind.Top5 or MetricKind.Kl or MetricKind.Agreement } accuracy ? accuracy.Output ?? graph.Outputs[0].Name : null;

    private static Dictionary<int, double> AtAll(int[] widths, IEnumerable<(int Bits, double Damage)> probed)
    {
        var known = probed.ToDictionary(pair => pair.Bits, pair => pair.Damage);
        return widths.ToDictionary(bits => bits, bits => known.TryGetValue(bits, out var damage) ? damage : known[FinestProbed] / Math.Pow(4, bits - FinestProbed));
    }

    private static (float[] Values, float[] Bias, double Error) Round(ModelFacts facts, Layer layer, Moments? moments, int bits, SearchContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var weight = facts.Model.Graph.Constants[layer.Weight];
        var grid = context.WeightGrid(layer, bits);
        var matrix = WeightMatrix.Of(layer, weight);
        var exact = Array.ConvertAll(matrix.Values, value => (double)value);
        var bias = WithoutData.Bias(facts.Model, layer, matrix);
        if (moments is null || moments.MeanDiagonal <= 0)
            return (WeightMatrix.ToTensorLayout(layer, weight.Dims, NearestRounding.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits, grid).Dequantized()), bias, 0);
        var rounded = ErrorFeedback.Round(exact, matrix.Rows, matrix.Columns, matrix.RowsPerScale, bits, moments.Covariance, moments.Damping, grid).Dequantized();
        double error = 0;
        var row = new double[matrix.Columns];
        for (var r = 0; r < matrix.Rows; r++)
        {
            double shift = 0;
            for (var c = 0; c < row.Length; c++)
            {
                row[c] = rounded[(r * row.Length) + c];
                shift += (exact[(r * row.Length) + c] - row[c]) * moments.MeanX[c];
            }
            bias[r / matrix.RowsPerScale] += (float)(shift / matrix.RowsPerScale);
            error += moments.Error(row, r);
        }
        return (WeightMatrix.ToTensorLayout(layer, weight.Dims, rounded), bias, error / Math.Max(moments.Variance.Sum(), 1e-12));
    }

    private static double[] Probe(ModelFacts facts, SuffixProbe probe, Layer layer, IReadOnlyList<(float[] Values, float[] Bias)> variants)
    {
        var weight = facts.Model.Graph.Constants[layer.Weight];
        var sessions = variants.Select(variant =>
        {
            var changed = new OnnxModel { Graph = new OnnxGraph { Constants = new(facts.Model.Graph.Constants, StringComparer.Ordinal) }, Header = facts.Model.Header };
            changed.Graph.Constants[layer.Weight] = weight.WithFloats(variant.Values, weight.Dims);
            if (layer.Bias is { } bias && layer.Node.Inputs.Contains(bias)) changed.Graph.Constants[bias] = facts.Model.Graph.Constants[bias].WithFloats(variant.Bias, facts.Model.Graph.Constants[bias].Dims);
            return new Session(Segment.Of(changed, [layer.Node], [layer.Node.Output], facts.Shapes), new SessionSettings());
        }).ToList();
        try
        {
            return probe.Damage(layer.Node.Output, variants.Count, (v, b) => sessions[v].Run(sessions[v].Inputs.ToDictionary(name => name, name => probe[b, name]))[layer.Node.Output]);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    private static Tensor OnGrid(Tensor tensor, Quantizer grid)
    {
        var values = tensor.Floats();
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++) result[i] = (Math.Clamp(MathF.Round(values[i] / grid.Scale) + grid.ZeroPoint, 0, grid.Top) - grid.ZeroPoint) * grid.Scale;
        return Tensor.Of(result, tensor.Dims);
    }
}
