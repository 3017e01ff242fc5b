using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;
using DetectorIoU;
using PendulumReturn;

namespace Compress.Bench;

/// <summary>A figure of a model, from its bytes, the float model's and the samples.</summary>
internal delegate MetricValue Score(byte[] model, byte[] floatModel, IDataset samples);

/// <summary>One metric of the benchmarks.</summary>
/// <param name="Name">As in the targets of rows.</param>
/// <param name="Arrays">Arrays that it needs beside the model's inputs.</param>
/// <param name="Over">What it is taken over, where that is not the samples.</param>
internal sealed record Measure(string Name, IReadOnlyList<string> Arrays, Score Score, string? Over = null)
{
    private const int BatchSize = 50;

    public static readonly Measure Top1 = new("top1", ["labels"], Gate(new() { Location = Nowhere, Metric = MetricKind.Top1 }));
    public static readonly Measure Cosine = new("cosine", [], Gate(new() { Location = Nowhere, Metric = MetricKind.Cosine }));
    public static readonly Measure Psnr = new("psnr", ["target"], Gate(new() { Location = Nowhere, Metric = MetricKind.Psnr, Labels = "target", TargetScale = 1 / 255f }));
    public static readonly Measure Iou = new("iou", ["boxes"], MeanOverlap);
    public static readonly Measure Return = new("return", [], MeanReturn, Over: "2,000 starts");
    public static readonly Measure Difference = new("difference", [], LargestDifference);

    public static readonly Measure MeanDifference = new("difference.mean", [], MeanOfDifferences);

    private static SourceLocation Nowhere => new("");

    private static Score Gate(AccuracyPolicy policy) => (model, floatModel, samples) =>
    {
        using var evaluator = Evaluator.For(policy, floatModel, samples, Environment.ProcessorCount)!;
        return evaluator.Measure(model);
    };

    private static MetricValue Mean(IReadOnlyCollection<double> values) => new(values.Average(), values.Count, 0) { Contributions = [.. values] };

    private static MetricValue MeanOverlap(byte[] model, byte[] floatModel, IDataset samples)
    {
        using var session = new Session(model, new SessionSettings());
        var overlaps = new List<double>();
        foreach (var batch in samples.Read(0, samples.Count, BatchSize))
        {
            var (found, truth) = (session.Run(batch.Inputs).First().Value.Floats(), batch.Extras["boxes"].Floats());
            for (var i = 0; i < batch.Samples; i++)
                overlaps.Add(Box.Decode(found.AsSpan(i * Box.OutputLength, Box.OutputLength)).Overlap(new(truth[4 * i], truth[4 * i + 1], truth[4 * i + 2], truth[4 * i + 3])));
        }
        return Mean(overlaps);
    }

    private static MetricValue MeanReturn(byte[] model, byte[] floatModel, IDataset samples)
    {
        using var session = new Session(model, new SessionSettings());
        return Mean(Pendulum.Returns(observations => session.Run(new Dictionary<string, Tensor> { [session.Inputs[0]] = Tensor.Of(observations, observations.Length / 3, 3) }).First().Value.Floats()));
    }

    /// <summary>Of any value of the first output on any sample: as for the metrics of a gate.</summary>
    private static MetricValue LargestDifference(byte[] model, byte[] floatModel, IDataset samples) => new(Differences(model, floatModel, samples).Max(), samples.Count, 0);

    private static MetricValue MeanOfDifferences(byte[] model, byte[] floatModel, IDataset samples) => new(Differences(model, floatModel, samples).Average(), samples.Count, 0);

    private static IEnumerable<double> Differences(byte[] model, byte[] floatModel, IDataset samples)
    {
        using var exact = new Session(floatModel, new SessionSettings());
        using var session = new Session(model, new SessionSettings());
        foreach (var batch in samples.Read(0, samples.Count, BatchSize))
        {
            var (reference, output) = (exact.Run(batch.Inputs).First().Value, session.Run(batch.Inputs).First().Value);
            foreach (var (a, b) in reference.Floats().Zip(output.Floats())) yield return Math.Abs(a - b);
        }
    }
}
