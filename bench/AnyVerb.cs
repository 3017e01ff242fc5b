using System.Diagnostics;
using System.Globalization;
using Compress.Analysis;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;
using Compress.Testing;
using Compress.Testing.Networks;

namespace Compress.Bench;

/// <summary>Any architecture under the policy that `init` writes, with data and a gate filled in: size, likeness of the outputs, time, and what stayed float.</summary>
internal static class AnyVerb
{
    private const int Calibration = 64, Validation = 192, Test = 192;
    private const double LeastCosine = 0.99;

    private static readonly string[] Header = ["model", "KB: float → compressed", "size ÷", "cosine", "ms: float → compressed", "time ×", "valid", "layers in integers, only stored in few bits, float", "why", "s", ""];

    /// <param name="seconds">When the search of a row ends with the best plan so far.</param>
    public static string Run(string[] only, double seconds)
    {
        var rows = new List<string[]>();
        foreach (var (name, build) in Network.All.Where(entry => only.Length == 0 || only.Any(part => entry.Key.Contains(part, StringComparison.OrdinalIgnoreCase))))
        {
            rows.Add(Row(build(), TimeSpan.FromSeconds(seconds)));
            Console.Error.WriteLine(string.Join(" | ", rows[^1]));
        }
        return Markdown.Table(Header, rows);
    }

    private static string[] Row(Network network, TimeSpan search)
    {
        var folder = Repository.Results("any", network.Name);
        Directory.CreateDirectory(folder);
        string At(string file) => Path.Combine(folder, file);
        var original = OnnxWriter.ToBytes(network.Model);
        File.WriteAllBytes(At("model.onnx"), original);
        NpzWriter.Write(At("calibration.npz"), deflated: false, [.. network.Data(2, Calibration).Select(input => (input.Key, input.Value))]);
        NpzWriter.Write(At("validation.npz"), deflated: false, [.. network.Data(3, Validation).Select(input => (input.Key, input.Value))]);
        File.WriteAllText(At("compress.yaml"), PolicyTemplate.For("model.onnx", new Dictionary<string, string>
        {
            ["calibration.data"] = "calibration.npz",
            ["accuracy.data"] = "validation.npz",
            ["accuracy.metric"] = "cosine",
            ["accuracy.min"] = LeastCosine.ToString(CultureInfo.InvariantCulture),
        }));
        var start = Stopwatch.GetTimestamp();
        var policy = PolicyReader.Read(At("compress.yaml")).Models[0];
        try
        {
            var result = Compressor.Run(new() { Policy = policy, Output = At("out.onnx"), Report = At("report.json"), WorkFolder = At("missed"), SearchTime = search, Reporter = new Progress(network.Name) });
            return Row(network, original, result, Stopwatch.GetElapsedTime(start));
        }
        catch (CompressionException e)
        {
            return [network.Name, "", "", "", "", "", "no", "", e.Diagnostic.ToString(), "", "failed"];
        }
    }

    private static string[] Row(Network network, byte[] original, CompressionResult result, TimeSpan time)
    {
        var (report, model) = (result.Report, File.ReadAllBytes(result.Output));
        var cosine = Cosine(original, model, network.Data(4, Test));
        var latency = LatencyMeter.Compare(original, model, network.Data(4, 1));
        var layers = report.Layers.GroupBy(layer => layer.ActivationBits is not null ? 0 : layer.WeightBits is not null ? 1 : 2).ToDictionary(group => group.Key, group => group.Count());
        var why = report.Layers.Where(layer => layer.Reason is not null).GroupBy(layer => layer.Reason!).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} × {group.Key}").Concat(report.Warnings);
        var ratio = latency.Second.Minimum / latency.First.Minimum;
        string[] misses = [.. new[] { (cosine < LeastCosine, "cosine"), (ratio > 1.05, "slower"), (!result.Passed, "gate"), (report.Size.Factor <= 1, "size") }.Where(miss => miss.Item1).Select(miss => miss.Item2)];
        return
        [
            network.Name, $"{original.Length / 1000.0:0} → {model.Length / 1000.0:0}", Markdown.Number((double)original.Length / model.Length), Markdown.Metric(cosine),
            $"{Markdown.Number(latency.First.Minimum)} → {Markdown.Number(latency.Second.Minimum)}", ratio.ToString("0.00", CultureInfo.InvariantCulture), result.Passed ? "yes" : "no",
            string.Join(", ", Enumerable.Range(0, 3).Select(kind => layers.GetValueOrDefault(kind))), string.Join("; ", why), time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
            misses.Length == 0 ? "met" : "missed: " + string.Join(", ", misses),
        ];
    }

    /// <summary>Mean over samples of the cosine of the first output.</summary>
    private static double Cosine(byte[] original, byte[] model, IReadOnlyDictionary<string, Tensor> samples)
    {
        using var exact = new Session(original, new SessionSettings());
        using var session = new Session(model, new SessionSettings());
        var (a, b) = (exact.Run(samples).First().Value, session.Run(samples).First().Value);
        var length = (int)(a.Count / a.Dims[0]);
        return Enumerable.Range(0, (int)a.Dims[0]).Average(i => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(a.Floats().AsSpan(i * length, length), b.Floats().AsSpan(i * length, length)));
    }
}
