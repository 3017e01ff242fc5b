using System.Collections.Immutable;
using System.Diagnostics;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;
using Compress.Training;

namespace Compress.Bench;

/// <summary>
/// What a step of quantization-aware training costs, in forward passes of the float model over as many samples: 4-bit weights, 6-bit activations. Both use all
/// cores, shards side by side. The float model is asked once, before the steps: the samples do not change.
/// </summary>
internal static class StepVerb
{
    private const int Bits = 4;
    private const int ActivationBits = 6;
    private const int Shard = 32;
    private const int Epochs = 4;
    private const int Rounds = 5;

    private static readonly string[] Models = ["lenet5", "resnet20", "mobilenetv2", "denoiser", "detector", "resnet56"];

    public static string Run(Assets assets, string[] only) => Markdown.Table(
        ["model", "samples", "ms, forward pass", "ms, steps", "passes a step"],
        Models.Where(name => only.Length == 0 || only.Contains(name)).Select(name => Cells(assets, BenchModel.Of(name))));

    /// <summary>The best of some rounds in turn; what building the graphs takes is in both lengths of a training, and not in their difference. (The best difference would be the one whose short training was held up.)</summary>
    private static string[] Cells(Assets assets, BenchModel model)
    {
        var facts = BenchFacts.Of(assets, model, RowRun.Policy(new Row($"{model.Name} trained", "", ""), assets), withRanges: true);
        var (prepared, data) = (PlanApplier.Roughly(facts, Plan(facts)), new CalibrationSet(facts.Samples));
        using var session = new Session(facts.Model, new SessionSettings());
        var shards = new TrainingSet(data, Shard).Epoch(1, 1).ToList();
        double Pass() => Seconds(() => Concurrent.For(shards.Count, Environment.ProcessorCount, default, i => session.Run(shards[i].Inputs)));
        double Train(int epochs) => Seconds(() => Trainer.Run(facts, prepared, data, new TrainingSettings { Epochs = epochs, Threads = Environment.ProcessorCount }, SilentReporter.Instance));

        Pass();
        var (pass, brief, lengthy) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        for (var round = 0; round < Rounds; round++)
        {
            pass = Math.Min(pass, Enumerable.Range(0, Epochs).Average(_ => Pass()));
            (brief, lengthy) = (Math.Min(brief, Train(1)), Math.Min(lengthy, Train(1 + Epochs)));
        }
        var steps = (lengthy - brief) / Epochs;
        return [model.Name, $"{data.Count}", Markdown.Number(1000 * pass), Markdown.Number(1000 * steps), Markdown.Number(steps / pass)];
    }

    private static CompressionPlan Plan(ModelFacts facts)
    {
        var plan = new CompressionPlan { Layers = facts.Layers.ToImmutableSortedDictionary(layer => layer.Name, _ => new LayerChoice(Bits, Arithmetic.Integer), StringComparer.Ordinal) };
        return plan with { ActivationBits = PlanApplier.Place(PrunedModel.Of(facts, plan.Cuts), plan).Grids.ToImmutableSortedDictionary(value => value, _ => ActivationBits, StringComparer.Ordinal) };
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
