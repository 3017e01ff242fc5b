using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>Streams samples through the float model and keeps a histogram of each value that is asked for.</summary>
public static class Calibration
{
    public static IReadOnlyDictionary<string, Histogram> Run(OnnxModel model, IReadOnlyCollection<string> values, IEnumerable<Batch> batches, int threads, CancellationToken cancellation = default)
    {
        var histograms = values.ToDictionary(value => value, _ => new Histogram(), StringComparer.Ordinal);
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        foreach (var value in values.Where(value => !model.Graph.IsInput(value))) probe.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        if (probe.Graph.Outputs.Count == 0) probe.Graph.Outputs.AddRange(model.Graph.Outputs);
        using var session = new Session(probe, new SessionSettings(threads));
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            var outputs = session.Run(batch.Inputs);
            Parallel.ForEach(histograms, Concurrent.Fine, entry => entry.Value.Add((outputs.TryGetValue(entry.Key, out var tensor) ? tensor : batch.Inputs[entry.Key]).Floats()));
        }
        return histograms;
    }
}
