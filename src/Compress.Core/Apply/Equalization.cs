using Compress.Analysis;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Apply;

/// <summary>
/// Makes the channels of a sequence's values alike before they are quantized: x · W = (x / s) · (s · W), one s a channel (SmoothQuant, 2211.10438, with
/// s = max|x|^α / max|W|^(1−α)). The division goes into a LayerNormalization 17 that nobody else reads, else into a Mul of its own, which costs next to nothing
/// beside the product. α is the one of least error of the products, of activations and weights together; where none is clearly better, nothing changes.
/// </summary>
public static class Equalization
{
    private static readonly double[] Exponents = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

    /// <summary>Shares of the whole range that a grid may cover.</summary>
    private static readonly double[] Clips = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

    /// <summary>Error must fall below this share of what it was.</summary>
    private const double Worthwhile = 0.8;

    /// <summary>Rows that the error is taken on.</summary>
    private const int RowsAtMost = 1024;

    /// <summary>A value and the dense layers that read it.</summary>
    private sealed record Site(string Value, IReadOnlyList<Layer> Layers);

    /// <param name="samples">Calibration samples in batches.</param>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyList<Layer> layers, IReadOnlyDictionary<string, ValueFacts> shapes, IReadOnlyList<Batch> samples, int threads)
    {
        // A weight that lies in several layers is none (Layers.Of), so that scaling one hurts nobody.
        var sites = layers.Where(layer => layer.Node.Is("MatMul") && shapes[layer.Input].Dims.Length >= 3 && !model.Graph.IsInput(layer.Input))
            .GroupBy(layer => layer.Input, StringComparer.Ordinal).Select(group => new Site(group.Key, [.. group])).ToList();
        if (sites.Count == 0) return model;
        var rows = Rows(model, sites, samples, threads);
        var result = model.Clone();
        var names = NameSource.Of(result.Graph);
        var found = new double[sites.Count][];
        Parallel.For(0, sites.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => found[i] = Scales(model.Graph, sites[i], rows[sites[i].Value]));
        for (var i = 0; i < sites.Count; i++)
            if (found[i] is { Length: > 0 } scales) Write(result.Graph, sites[i], scales, names);
        return result;
    }

    /// <summary>Some rows of each site's value, spread evenly over the samples.</summary>
    private static Dictionary<string, List<float[]>> Rows(OnnxModel model, List<Site> sites, IReadOnlyList<Batch> samples, int threads)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        probe.Graph.Outputs.AddRange(sites.Select(site => new ValueInfoProto { Name = site.Value }));
        Unused.Remove(probe.Graph);
        using var session = new Session(probe, new SessionSettings(threads));
        var rows = sites.ToDictionary(site => site.Value, _ => new List<float[]>(), StringComparer.Ordinal);
        foreach (var batch in samples)
            foreach (var (name, tensor) in session.Run(batch.Inputs))
            {
                var (values, width) = (tensor.Floats(), (int)tensor.Dims[^1]);
                var count = values.Length / width;
                var step = Math.Max(1, count * samples.Count / RowsAtMost);
                for (var row = 0; row < count; row += step) rows[name].Add(values.AsSpan(row * width, width).ToArray());
            }
        return rows;
    }

    /// <summary>One divisor a channel; empty: the value stays as it is.</summary>
    private static double[] Scales(OnnxGraph graph, Site site, List<float[]> rows)
    {
        var width = rows[0].Length;
        var weights = site.Layers.Select(layer => (Values: graph.Constants[layer.Weight].Floats(), Columns: (int)graph.Constants[layer.Weight].Dims[1])).ToList();
        var (most, heaviest) = (new double[width], new double[width]);
        foreach (var row in rows)
            for (var j = 0; j < width; j++) most[j] = Math.Max(most[j], Math.Abs(row[j]));
        foreach (var (values, columns) in weights)
            for (var i = 0; i < values.Length; i++) heaviest[i / columns] = Math.Max(heaviest[i / columns], Math.Abs(values[i]));
        if (most.Any(value => !double.IsFinite(value)) || most.Max() == 0 || heaviest.Max() == 0) return [];

        var ones = Enumerable.Repeat(1.0, width).ToArray();
        var best = (Scales: Array.Empty<double>(), Error: Error(rows, weights, ones) * Worthwhile);
        foreach (var exponent in Exponents)
        {
            var scales = new double[width];
            for (var j = 0; j < width; j++) scales[j] = Math.Pow(Math.Max(most[j], 1e-5 * most.Max()), exponent) / Math.Pow(Math.Max(heaviest[j], 1e-5 * heaviest.Max()), 1 - exponent);
            var mean = Math.Exp(scales.Average(Math.Log));
            for (var j = 0; j < width; j++) scales[j] = (float)(scales[j] / mean);
            var error = Error(rows, weights, scales);
            if (error < best.Error) best = (scales, error);
        }
        return best.Scales;
    }

    /// <summary>Expected squared error of the products: of the activations' rounding and clipping, channel by channel, and of the weights' rounding.</summary>
    private static double Error(List<float[]> rows, List<(float[] Values, int Columns)> weights, double[] scales)
    {
        var width = scales.Length;
        var (norms, squares) = (new double[width], new double[width]);
        foreach (var (values, columns) in weights)
            for (var i = 0; i < values.Length; i++) norms[i / columns] += (double)values[i] * values[i];
        double low = 0, high = 0;
        foreach (var row in rows)
            for (var j = 0; j < width; j++)
            {
                var value = row[j] / scales[j];
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
                squares[j] += value * value / rows.Count;
            }
        var best = double.PositiveInfinity;
        foreach (var clip in Clips)
        {
            var step = (high - low) * clip / 255;
            var missed = new double[width];
            foreach (var row in rows)
                for (var j = 0; j < width; j++)
                {
                    var value = row[j] / scales[j];
                    var miss = value - Math.Clamp(Math.Round(value / step) * step, low * clip, high * clip);
                    missed[j] += miss * miss;
                }
            double error = 0;
            for (var j = 0; j < width; j++) error += missed[j] / rows.Count * scales[j] * scales[j] * norms[j];
            best = Math.Min(best, error);
        }
        var energy = squares.Sum();
        foreach (var (values, columns) in weights)
        {
            var largest = new double[columns];
            for (var i = 0; i < values.Length; i++) largest[i % columns] = Math.Max(largest[i % columns], Math.Abs(values[i] * scales[i / columns]));
            best += largest.Sum(value => value * value) / (WeightGrid.SafeMagnitude * WeightGrid.SafeMagnitude) / 12 * energy;
        }
        return best;
    }

    private static void Write(OnnxGraph graph, Site site, double[] scales, NameSource names)
    {
        foreach (var layer in site.Layers)
        {
            var weight = graph.Constants[layer.Weight];
            var values = weight.Floats();
            var columns = (int)weight.Dims[1];
            graph.Constants[layer.Weight] = weight.WithFloats([.. values.Select((value, i) => (float)(value * scales[i / columns]))], weight.Dims);
        }
        var index = GraphIndex.Of(graph);
        var readers = index.Consumers(site.Value);
        if (index.Producer(site.Value) is { } norm && norm.Is("LayerNormalization") && readers.Count == site.Layers.Count && !graph.IsOutput(site.Value)
            && norm.Inputs.Skip(1).All(input => graph.Constant(input) is { Rank: 1 } own && own.Count == scales.Length && index.Consumers(input).Count == 1))
        {
            foreach (var input in norm.Inputs.Skip(1)) graph.Constants[input] = Divided(graph.Constants[input], scales);
            return;
        }
        var (factor, scaled) = (names.Fresh(site.Value + "_factor"), names.Fresh(site.Value + "_alike"));
        graph.Constants[factor] = Divided(Tensor.Of([.. Enumerable.Repeat(1f, scales.Length)], scales.Length), scales);
        var weighed = site.Layers.Select(layer => layer.Weight).ToHashSet(StringComparer.Ordinal);
        foreach (var reader in readers)
            if (reader.Is("MatMul") && weighed.Contains(reader.Inputs[1])) reader.Inputs[0] = scaled;
        graph.Nodes.Insert(graph.Nodes.FindIndex(node => node.Inputs.Contains(scaled)), new Node("Mul", [site.Value, factor], [scaled], scaled));
    }

    private static Tensor Divided(Tensor vector, double[] scales) => vector.WithFloats([.. vector.Floats().Select((value, j) => (float)(value / scales[j]))], vector.Dims);
}
