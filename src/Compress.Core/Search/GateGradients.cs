using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Search;

/// <summary>
/// Derivatives of the loss by a factor on each channel, by a gradient graph on ONNX Runtime and without labels: for class scores the label is each class in
/// turn, weighted with the probability that the model gives it, which makes the Fisher metric exact; other outputs get random signs (Hutchinson). Several outputs
/// count alike, but for those that have no numbers for each sample.
/// </summary>
internal sealed class GateGradients(OnnxModel model, IReadOnlyDictionary<string, ValueFacts> shapes, IReadOnlyList<Batch> samples, SessionSettings settings, string? scores, CancellationToken cancellation = default)
{
    /// <summary>Of more classes only the most probable are labels.</summary>
    private const int MostLabels = 16;

    private const string Seed = "gate.seed";

    /// <summary>Null where operators on the way have no gradient, or the samples of a batch can't be told apart.</summary>
    public ChannelGates? Of(AxisSlices site)
    {
        var derivatives = site.Indices.Select(_ => new List<double>()).ToArray();
        var weights = new List<double>();
        return site.Axis > 0 && Derive(site.Value, (value, gradient, weight) =>
        {
            var products = Products(value, gradient, site.Axis);
            for (var n = 0; n < weight.Length; n++)
            {
                for (var c = 0; c < derivatives.Length; c++) derivatives[c].Add(site.Indices[c].Sum(position => products[n][position]));
                weights.Add(weight[n]);
            }
        }) ? new ChannelGates(Array.ConvertAll(derivatives, list => list.ToArray()), [.. weights]) : null;
    }

    /// <summary>Sum over the samples of the squared derivatives by each position along an axis of a value: the diagonal of its Fisher information. Null as for gates.</summary>
    public double[]? Fisher(string value, int axis)
    {
        var sums = Array.Empty<double>();
        return axis > 0 && Derive(value, (tensor, gradient, weight) =>
        {
            if (sums.Length == 0) sums = new double[tensor.Dims[axis]];
            var squares = Products(gradient, gradient, axis);
            for (var n = 0; n < weight.Length; n++)
                for (var c = 0; c < sums.Length; c++) sums[c] += weight[n] * squares[n][c];
        }) ? sums : null;
    }

    /// <summary>Hands out a value, the loss's gradient by it and what each sample counts, for every output, batch and label.</summary>
    /// <returns>False where that can't be had.</returns>
    private bool Derive(string name, Action<Tensor, Tensor, double[]> take)
    {
        using var exact = new Session(model, settings);
        var outputs = exact.Run(samples[0].Inputs).Where(output => output.Value is { Type: DataType.Float, Rank: > 0 } && output.Value.Dims[0] == samples[0].Samples).Select(output => output.Key);
        var graphs = outputs.Select(output => (Output: output, Gradients: Graph(name, output))).Where(graph => graph.Gradients is not null).ToList();
        return graphs.Count > 0 && graphs.TrueForAll(graph => Derive(name, exact, graph.Output, graph.Gradients!, take));
    }

    private bool Derive(string name, Session exact, string output, GradientModel gradients, Action<Tensor, Tensor, double[]> take)
    {
        using var session = new Session(gradients.Model, settings);
        foreach (var batch in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            var values = exact.Run(batch.Inputs)[output];
            if (values.Dims[0] != batch.Samples) return false;
            foreach (var (seed, weight) in output == scores && values.Rank == 2 ? SeedsOfScores(values) : SeedsOfValues(values))
            {
                var results = session.Run(new Dictionary<string, Tensor>(batch.Inputs) { [Seed] = seed });
                var (value, gradient) = (results[name], results[gradients.Gradients[name]]);
                if (value.Dims[0] != batch.Samples) return false;
                take(value, gradient, weight);
            }
        }
        return true;
    }

    private GradientModel? Graph(string value, string output)
    {
        try
        {
            return GradientGraph.Of(model, shapes.ToDictionary(entry => entry.Key, entry => entry.Value.Dims), new(new Dictionary<string, string> { [output] = Seed }, [value]) { Forward = [value] });
        }
        catch (CompressionException e) when (e.Diagnostic.Code is "CMP4501" or "CMP4502")
        {
            return null;
        }
    }

    /// <summary>Gradients of the loss by the output, [samples, …], and what each counts for each sample.</summary>
    private static IEnumerable<(Tensor Seed, double[] Weights)> SeedsOfValues(Tensor values)
    {
        var random = new Random(1);
        yield return (Tensor.Of([.. values.Floats().Select(_ => random.Next(2) == 0 ? -1f : 1f)], values.Dims), [.. Enumerable.Repeat(1.0, (int)values.Dims[0])]);
    }

    private static IEnumerable<(Tensor Seed, double[] Weights)> SeedsOfScores(Tensor scores)
    {
        var (rows, z) = ((int)scores.Dims[0], scores.Floats());
        var width = z.Length / rows;
        var p = Enumerable.Range(0, rows).Select(n => Softmax(z.AsSpan(n * width, width))).ToArray();
        var likely = p.Select(row => Enumerable.Range(0, width).OrderByDescending(k => row[k]).ThenBy(k => k).Take(MostLabels).ToArray()).ToArray();
        for (var label = 0; label < Math.Min(width, MostLabels); label++)
        {
            // ∂(−log p_k)/∂z = p − e_k
            var seed = new float[z.Length];
            for (var n = 0; n < rows; n++)
                for (var k = 0; k < width; k++) seed[(n * width) + k] = (float)(p[n][k] - (k == likely[n][label] ? 1 : 0));
            yield return (Tensor.Of(seed, scores.Dims), [.. Enumerable.Range(0, rows).Select(n => p[n][likely[n][label]] / likely[n].Sum(k => p[n][k]))]);
        }
    }

    /// <summary>[sample][position along the axis]: Σ value × gradient over all else.</summary>
    private static double[][] Products(Tensor value, Tensor gradient, int axis)
    {
        var (x, g, samples, size) = (value.Floats(), gradient.Floats(), (int)value.Dims[0], (int)value.Dims[axis]);
        var inner = (int)Tensor.ElementCount(value.Dims.AsSpan(axis + 1));
        var perSample = x.Length / samples;
        var sums = Enumerable.Range(0, samples).Select(_ => new double[size]).ToArray();
        for (var i = 0; i < x.Length; i++) sums[i / perSample][i / inner % size] += (double)x[i] * g[i];
        return sums;
    }

    private static double[] Softmax(ReadOnlySpan<float> z)
    {
        var e = new double[z.Length];
        var top = double.NegativeInfinity;
        foreach (var value in z) top = Math.Max(top, value);
        for (var k = 0; k < e.Length; k++) e[k] = Math.Exp(z[k] - top);
        var sum = e.Sum();
        return Array.ConvertAll(e, value => value / sum);
    }
}
