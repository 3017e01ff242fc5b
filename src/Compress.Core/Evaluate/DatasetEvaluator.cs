using System.Collections.Concurrent;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Evaluate;

/// <summary>
/// Runs models over a data set and scores every sample. Batches are always the same and each runs on one thread, so the value
/// does not depend on the number of threads. Outputs of the float model that a metric needs again are kept while they are small.
/// </summary>
internal sealed class DatasetEvaluator(AccuracyPolicy policy, LoadableModel floatModel, IDataset data, int threads) : IEvaluator
{
    private const int LargestBatch = 32;
    private const long BatchElements = 1 << 21;
    private const long KeptBytes = 256L << 20;

    private readonly Metric metric = Metric.Of(policy.Metric);
    private readonly bool relative = Metric.IsRelative(policy);
    private readonly ConcurrentDictionary<(int Start, int Samples), Tensor> kept = [];
    private long keptBytes;
    private Session? reference;
    private MetricValue? floatValue;

    public MetricValue MeasureFloat(CancellationToken cancellation) => floatValue ??= Score(Reference(), cancellation);

    public MetricValue Measure(byte[] model, CancellationToken cancellation)
    {
        using var session = new Session(model, new SessionSettings());
        return Score(session, cancellation);
    }

    public void Dispose() => reference?.Dispose();

    private Session Reference() => reference ??= new Session(floatModel, new SessionSettings());

    private MetricValue Score(Session session, CancellationToken cancellation)
    {
        if (relative) _ = Reference(); // loaded here, not by several threads at once
        var samples = Samples();
        if (samples == 0) throw Codes.NoValidationSamples(policy.Location).Error();
        var scores = new double[samples];
        Concurrent.ForEach(Numbered(samples), threads, cancellation, item => Score(session, item.Batch, item.Start, scores));
        return metric.Combine(scores);
    }

    /// <summary>A model of a fixed batch is measured on whole batches.</summary>
    private int Samples()
    {
        var (wanted, batch) = (Math.Min(policy.Samples ?? int.MaxValue, data.Count), data.LargestBatch);
        return batch == int.MaxValue ? wanted : Math.Min((wanted + batch - 1) / batch * batch, data.Count);
    }

    private IEnumerable<(Batch Batch, int Start)> Numbered(int samples)
    {
        var start = 0;
        foreach (var batch in data.Read(0, samples, BatchSize()))
        {
            yield return (batch, start);
            start += batch.Samples;
        }
    }

    /// <summary>Smaller for large samples: a batch's activations must fit into memory on every thread.</summary>
    private int BatchSize()
    {
        var elements = data.Read(0, 1, 1).First().Inputs.Values.Sum(tensor => tensor.Count);
        return (int)Math.Clamp(BatchElements / Math.Max(1, elements), 1, Math.Min(LargestBatch, data.LargestBatch));
    }

    private void Score(Session session, Batch batch, int start, double[] scores)
    {
        var output = Output(session.Run(batch.Inputs));
        if (!SampleOutput.Splits(output, batch.Samples))
        {
            // The output has its samples elsewhere than on axis 0: one at a time needs no axis, unless the model takes only so many at once.
            if (data.LargestBatch is > 1 and < int.MaxValue) throw Codes.SamplesNotOnAxis0(policy.Location, output.Dims, batch.Samples).Error();
            foreach (var single in data.Read(start, batch.Samples, 1)) Score(session, single, start++, scores);
            return;
        }
        var target = !relative ? Labels(batch) : session == reference ? Keep(output, batch, start) : FloatOutput(batch, start);
        Targets.Check(policy, output, target, batch.Samples);
        for (var i = 0; i < batch.Samples; i++)
            scores[start + i] = metric.Score(SampleOutput.Of(output, batch.Samples, i), SampleOutput.Of(target, batch.Samples, i), relative ? 1 : policy.TargetScale);
    }

    private Tensor FloatOutput(Batch batch, int start) =>
        kept.TryGetValue((start, batch.Samples), out var known) ? known : Keep(Output(Reference().Run(batch.Inputs)), batch, start);

    private Tensor Keep(Tensor floatOutput, Batch batch, int start)
    {
        if (Interlocked.Add(ref keptBytes, floatOutput.ByteCount) <= KeptBytes) kept[(start, batch.Samples)] = floatOutput;
        return floatOutput;
    }

    private Tensor Labels(Batch batch)
    {
        var name = policy.Labels ?? Targets.DefaultName;
        return batch.Extras.TryGetValue(name, out var labels) ? labels : throw Codes.LabelsMissing(policy.Location, name, batch.Extras.Keys).Error();
    }

    private Tensor Output(IReadOnlyDictionary<string, Tensor> outputs)
    {
        var name = policy.Output ?? outputs.Keys.FirstOrDefault() ?? "";
        if (policy.Output is not null && !outputs.ContainsKey(name)) throw Codes.OutputMissing(policy.Location, name, outputs.Keys, Nearest.Question(name, outputs.Keys)).Error();
        return outputs.GetValueOrDefault(name) is { Type: not Onnx.TensorProto.Types.DataType.String } output ? output
            : throw Codes.OutputNotNumbers(policy.Location, name, outputs.Where(other => other.Value.Type != Onnx.TensorProto.Types.DataType.String).Select(other => other.Key)).Error();
    }
}
