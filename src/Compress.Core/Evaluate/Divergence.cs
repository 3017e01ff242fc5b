using Compress.Analysis;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Evaluate;

/// <summary>
/// How far each layer's output is from the float model's when the whole compressed model runs: the layer's own error and all that came
/// before it. Shows where the damage is done.
/// </summary>
public static class Divergence
{
    /// <summary>The forms of a value in a compressed graph before its names are shortened: as it was, dequantized, not yet quantized.</summary>
    private static readonly string[] Forms = ["", ".f", ".x"];

    /// <summary>
    /// Σ(compressed − float)² / Σ float² over all samples, by layer name. A layer whose bound (Relu, Clip) melted into it is compared after
    /// the bound; one whose output has lost channels, or has no counterpart, is absent.
    /// </summary>
    /// <param name="original">The model with the original value names.</param>
    /// <param name="compressed">The compressed model, names not yet shortened.</param>
    /// <param name="layers">The layers asked about.</param>
    /// <param name="batches">Samples; a few dozen tell enough.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="Diagnostics.CompressionException">CMP2007, CMP2008: a model does not load or run.</exception>
    public static IReadOnlyDictionary<string, double> Measure(
        OnnxModel original, OnnxModel compressed, IReadOnlyList<Layer> layers, IEnumerable<Batch> batches, CancellationToken cancellation = default)
    {
        var pairs = Pairs(original.Graph, compressed.Graph, layers);
        using var before = Probe(original, pairs.Select(pair => pair.Original));
        using var after = Probe(compressed, pairs.Select(pair => pair.Compressed));
        var (error, energy) = (new double[pairs.Count], new double[pairs.Count]);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            var (expected, actual) = (before.Run(batch.Inputs), after.Run(batch.Inputs));
            for (var i = 0; i < pairs.Count; i++)
            {
                var (x, y) = (expected[pairs[i].Original].Floats(), actual[pairs[i].Compressed].Floats());
                if (x.Length != y.Length) energy[i] = double.NaN;
                else Add(x, y, ref error[i], ref energy[i]);
            }
        }
        var result = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < pairs.Count; i++)
            if (energy[i] > 0) result[pairs[i].Layer] = error[i] / energy[i];
        return result;
    }

    private static List<(string Layer, string Original, string Compressed)> Pairs(OnnxGraph original, OnnxGraph compressed, IReadOnlyList<Layer> layers)
    {
        var made = compressed.Nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var index = GraphIndex.Of(original);
        var pairs = new List<(string, string, string)>();
        foreach (var layer in layers)
        {
            var value = layer.Output;
            while (Counterpart(value) is null && index.OnlyConsumer(value) is { Op: "Relu" or "Clip", Domain: "" } bound) value = bound.Output;
            if (Counterpart(value) is { } counterpart) pairs.Add((layer.Name, value, counterpart));
        }
        return pairs;

        string? Counterpart(string value) => Forms.Select(form => value + form).FirstOrDefault(made.Contains);
    }

    private static Session Probe(OnnxModel model, IEnumerable<string> values)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        probe.Graph.Outputs.AddRange(values.Distinct().Select(value => new ValueInfoProto { Name = value }));
        return new Session(probe, new SessionSettings());
    }

    private static void Add(float[] expected, float[] actual, ref double error, ref double energy)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = (double)actual[i] - expected[i];
            error += difference * difference;
            energy += (double)expected[i] * expected[i];
        }
    }
}
