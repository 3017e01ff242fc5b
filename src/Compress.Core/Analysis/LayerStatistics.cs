using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>Second moments of every layer's input and output in the float model, streamed over the samples: what scoring and planning need.</summary>
public static class LayerStatistics
{
    /// <summary>Wider inputs would need gigabytes of moments; such layers are left out, and rounded without data.</summary>
    public const int WidestInput = 5000;

    private const int RowsAtMost = 40_000;

    /// <summary>Layer name → moments; layers without rows (grouped ones, overlapping transposed convolutions) are missing.</summary>
    public static IReadOnlyDictionary<string, Moments> Collect(ModelFacts facts, IReadOnlyCollection<Layer> layers, int threads, CancellationToken cancellation = default)
    {
        if (layers.Count == 0) return new Dictionary<string, Moments>(StringComparer.Ordinal);
        var probe = facts.Model.Clone();
        probe.Graph.Outputs.Clear();
        foreach (var value in layers.SelectMany(layer => new[] { layer.Input, layer.Node.Output }).Distinct().Where(value => !facts.Model.Graph.IsInput(value)))
            probe.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        using var session = new Session(probe, new SessionSettings(threads));
        using var kernel = new GramKernel(threads);
        var sums = new Dictionary<string, NormalEquations>(StringComparer.Ordinal);
        for (var b = 0; b < facts.Samples.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            var values = session.Run(facts.Samples[b].Inputs);
            foreach (var layer in layers)
            {
                var input = values.TryGetValue(layer.Input, out var made) ? made : facts.Samples[b].Inputs[layer.Input];
                Add(facts, layer, input, values[layer.Node.Output], b, sums, kernel);
            }
        }
        return layers.Where(layer => sums.ContainsKey(layer.Name)).ToDictionary(layer => layer.Name, layer => sums[layer.Name].Moments(layer.TakesBias).FiniteOr(layer.Name), StringComparer.Ordinal);
    }

    private static void Add(ModelFacts facts, Layer layer, Tensor input, Tensor output, int batch, Dictionary<string, NormalEquations> sums, GramKernel kernel)
    {
        if (LayerRows.Of(layer, facts.Model.Graph.Constants[layer.Weight], input.Dims, output.Dims) is not { Groups: 1, Columns: <= WidestInput } rows) return;
        if (!sums.TryGetValue(layer.Name, out var sum)) sums[layer.Name] = sum = new NormalEquations(rows.Columns, rows.Targets);
        var count = rows.Count(input.Dims, output.Dims);
        var step = (int)Math.Max(1, (long)count * facts.Samples.Count / Math.Max(RowsAtMost, 20L * rows.Columns));
        var first = batch * 7919 % step;
        var taken = (count - first + step - 1) / step;
        if (taken <= 0) return;
        var (x, y) = (new float[taken * rows.Columns], new float[taken * rows.Targets]);
        rows.Fill(input, output, 0, first, step, x, y);
        sum.Add(x, y, taken, kernel);
    }
}
