using System.Diagnostics;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Bench;

/// <summary>Carries a row out: compress, measure on the test data, time against float.</summary>
internal static class RowRun
{
    public static string ModelFile(Row row) => Repository.Results("models", row.FileName + ".onnx");

    public static RowResult Run(Row row, Assets assets)
    {
        try
        {
            var policy = Policy(row, assets);
            var start = Stopwatch.GetTimestamp();
            var report = Compress(row, policy);
            var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["seconds"] = Stopwatch.GetElapsedTime(start).TotalSeconds,
                ["kb"] = report.Size.Compressed / 1000,
                ["size"] = report.Size.Factor,
                ["macs"] = report.Macs.Factor,
                ["bops"] = report.Bops.Factor,
            };
            var (compressed, original) = (File.ReadAllBytes(ModelFile(row)), File.ReadAllBytes(assets.Model(row.Model.Name)));
            var samples = Accuracy(row.Model, assets, policy, compressed, original, figures);
            Latency(row.Model, assets, policy, compressed, original, figures);
            return new(row.Name, samples, figures);
        }
        catch (CompressionException failure)
        {
            return new(row.Name, 0, [], failure.Diagnostic.ToString());
        }
    }

    public static ModelPolicy Policy(Row row, Assets assets) => PolicyReader.Read(row.WritePolicy(assets)).Models[0];

    /// <summary>Puts the compressed model at <see cref="ModelFile"/>; also where a budget was missed.</summary>
    public static Emit.Report Compress(Row row, ModelPolicy policy)
    {
        var (output, work) = (ModelFile(row), Repository.Results("missed", row.FileName));
        var result = Compressor.Run(new() { Policy = policy, Output = output, Report = Path.ChangeExtension(output, ".json"), WorkFolder = work, Reporter = new Progress(row.Name) });
        if (result.Passed) return result.Report;
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        File.Copy(result.Output, output, overwrite: true);
        return result.Report;
    }

    /// <summary>The test data as the model wants them.</summary>
    public static IDataset Samples(BenchModel model, Assets assets, ModelPolicy policy)
    {
        var file = model.Test.Select(assets.Data).First(File.Exists);
        var inputs = ModelInput.Of(OnnxReader.Read(assets.Model(model.Name)).Graph);
        var source = new DataSource(new SourceLocation(file), file, new Dictionary<string, At<string>>());
        return DatasetReader.Open(source, policy.Calibration!.Preprocess, inputs, [.. model.Measures.SelectMany(measure => measure.Arrays)]);
    }

    /// <summary>How much better a row's model is than another's, on the same test data.</summary>
    public static Difference Ahead(Row row, Row other, Assets assets)
    {
        var (policy, original) = (Policy(row, assets), File.ReadAllBytes(assets.Model(row.Model.Name)));
        var (samples, measure) = (Samples(row.Model, assets, policy), row.Model.Measures[0]);
        MetricValue Of(Row one) => measure.Score(File.ReadAllBytes(ModelFile(one)), original, samples);
        return Of(row).Minus(Of(other));
    }

    private static int Accuracy(BenchModel model, Assets assets, ModelPolicy policy, byte[] compressed, byte[] original, SortedDictionary<string, double> figures)
    {
        var samples = Samples(model, assets, policy);
        foreach (var measure in model.Measures)
        {
            var (value, reference) = (measure.Score(compressed, original, samples).Value, measure.Score(original, original, samples).Value);
            (figures[measure.Name], figures[measure.Name + ".float"], figures[measure.Name + ".drop"]) = (value, reference, reference - value);
        }
        return samples.Count;
    }

    private static void Latency(BenchModel model, Assets assets, ModelPolicy policy, byte[] compressed, byte[] original, SortedDictionary<string, double> figures)
    {
        var samples = Samples(model, assets, policy);
        foreach (var size in model.Batches)
        {
            var times = LatencyMeter.Compare(original, compressed, samples.Read(0, size, size).First().Inputs);
            (figures[$"ms{size}.float"], figures[$"ms{size}"], figures[$"x{size}"]) = (times.First.Minimum, times.Second.Minimum, times.Ratio);
        }
    }
}
