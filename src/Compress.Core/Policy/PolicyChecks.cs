using System.Globalization;
using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>Keys that are valid one by one and make no sense together.</summary>
internal static class PolicyChecks
{
    private static readonly Func<ModelPolicy, Diagnostic?>[] Rules =
    [
        EmptyBudget, BudgetWithoutMeans, MacsWithoutPruning, Command, CommandKeys, GateData, GateBounds, ChannelCounts,
        UnusedActivations, UnusedByTarget, UnusedByMethod, MissingSamples, Training, LearnedMethod, .. LayerChecks.Rules,
    ];

    /// <summary>What each metric can be.</summary>
    private static readonly Dictionary<MetricKind, (double Least, double Most)> MetricValues = new()
    {
        [MetricKind.Top1] = (0, 100),
        [MetricKind.Top5] = (0, 100),
        [MetricKind.Agreement] = (0, 100),
        [MetricKind.Iou] = (0, 1),
        [MetricKind.Cosine] = (-1, 1),
        [MetricKind.Psnr] = (0, double.PositiveInfinity),
        [MetricKind.Mse] = (0, double.PositiveInfinity),
        [MetricKind.Kl] = (0, double.PositiveInfinity),
        [MetricKind.Command] = (double.NegativeInfinity, double.PositiveInfinity),
    };

    /// <summary>The first contradiction in a model's policy; null: there is none.</summary>
    public static Diagnostic? Contradiction(ModelPolicy model) => Rules.Select(rule => rule(model)).FirstOrDefault(d => d is not null);

    /// <summary>No two models may land on one file in the same configuration.</summary>
    /// <exception cref="CompressionException">CMP1023.</exception>
    public static void SameOutputs(IReadOnlyList<ModelPolicy> models, string folder)
    {
        for (var i = 1; i < models.Count; i++)
        {
            var output = Output(models[i], folder);
            if (models.Take(i).FirstOrDefault(m => Paths.Comparer.Equals(Output(m, folder), output) && Overlap(m, models[i])) is { } first)
                throw Codes.SameOutput(output, Path.GetRelativePath(folder, models[i].Model.Value), first.Model.Location.Line, models[i].Where("output")).Error();
        }
    }

    /// <summary>The file of trained weights is one model's own.</summary>
    /// <exception cref="CompressionException">CMP1047.</exception>
    public static void OwnStores(IReadOnlyList<ModelPolicy> models, string policyFile)
    {
        foreach (var (model, i) in models.Select((model, i) => (model, i)))
        {
            if (model.Train?.Store is not { } file) continue;
            var taken = Paths.Comparer.Equals(file, policyFile) ? "the policy"
                : models.Any(other => Paths.Comparer.Equals(other.Model.Value, file)) ? "a model"
                : models.Take(i).Any(other => Paths.Comparer.Equals(other.Train?.Store, file) && Overlap(other, model)) ? "that of another model already"
                : null;
            if (taken is not null) throw Codes.StoreTaken(file, taken, model.Where("train.store")).Error();
        }
    }

    private static string Output(ModelPolicy model, string folder) => model.Output ?? Path.GetRelativePath(folder, model.Model.Value).Replace('\\', '/');

    private static bool Overlap(ModelPolicy a, ModelPolicy b) => a.When.Count == 0 || b.When.Count == 0 || a.When.Any(b.AppliesTo);

    private static Diagnostic? EmptyBudget(ModelPolicy m) =>
        m.Budget is { Size: null, Bops: null, Macs: null, Latency: null, Memory: null }
            ? Codes.MissingKey("'budget'", m.Budget.Location, "size", "bops", "macs", "latency", "memory") : null;

    private static Diagnostic? BudgetWithoutMeans(ModelPolicy m) =>
        m is { Budget: not null, Quantize.Enabled: false, Prune.Enabled: false }
            ? Codes.BudgetOutOfReach("budget", "'quantize: none' and 'prune: none' leave nothing to reach it with. Remove one of the three.", m.Budget.Location) : null;

    private static Diagnostic? MacsWithoutPruning(ModelPolicy m) =>
        m is { Budget.Macs: not null, Prune.Enabled: false }
            ? Codes.BudgetOutOfReach("macs", "only pruning takes multiplications away. Bound 'bops' instead, or remove 'prune: none'.", m.Budget.Macs.Location) : null;

    private static Diagnostic? Command(ModelPolicy m) => m.Accuracy switch
    {
        { Metric: MetricKind.Command, Command: null } => Codes.CommandMissing(m.Where("accuracy.metric")),
        { Metric: MetricKind.Command, Command: var command } when !command.Contains("{model}") => Codes.CommandWithoutModel(m.Where("accuracy.command")),
        _ => null,
    };

    private static Diagnostic? CommandKeys(ModelPolicy m)
    {
        if (m.Accuracy is null or { Metric: MetricKind.Command }) return null;
        var key = Array.Find(["command", "timeout", "higher-is-better"], k => m.Locations.ContainsKey($"accuracy.{k}"));
        return key is null ? null : Codes.OnlyForCommand(key, m.Where($"accuracy.{key}"));
    }

    private static Diagnostic? GateData(ModelPolicy m) =>
        m.Accuracy is { Data: null, Metric: not MetricKind.Command } gate && (gate.MaxDrop is not null || gate.Min is not null)
            ? Codes.MissingKey("'accuracy'", gate.Location, "data") : null;

    private static Diagnostic? GateBounds(ModelPolicy m)
    {
        if (m.Accuracy is not { } gate) return null;
        var metric = SectionKeys.Metrics.Word(gate.Metric);
        var (least, most) = MetricValues[gate.Metric];
        if (gate.Min is { } min && (min.Value < least || min.Value > most))
            return Codes.GateMeaningless("min", Text(min.Value), $"{metric} goes from {Text(least)} to {Text(most)}.", min.Location);
        if (gate.Min is { Value: > 0 and <= 1 } share && most == 100)
            return Codes.GateMeaningless("min", Text(share.Value), $"{metric} counts in points, so that 93 % is 93, not 0.93.", share.Location);
        return gate.MaxDrop is { } drop && drop.Value >= most - least
            ? Codes.GateMeaningless("max-drop", Text(drop.Value), $"{metric} can't lose more than that, so the gate would pass everything.", drop.Location) : null;
    }

    private static Diagnostic? ChannelCounts(ModelPolicy m) =>
        Differ("calibration.preprocess", m.Calibration?.Preprocess, m) ?? Differ("accuracy.preprocess", m.Accuracy?.Preprocess, m);

    private static Diagnostic? Differ(string key, Preprocess? steps, ModelPolicy m) =>
        steps is { Mean.Count: > 1, Std.Count: > 1 } && steps.Mean.Count != steps.Std.Count
            ? Codes.ChannelCountsDiffer(steps.Mean.Count, steps.Std.Count, m.Where($"{key}.std")) : null;

    private static Diagnostic? UnusedActivations(ModelPolicy m) =>
        m.Target == Target.WeightOnly && m.Quantize.Activations.Any(bits => bits < 32) ? Codes.ActivationsUnused(m.Where("quantize.activations")) : null;

    private static Diagnostic? UnusedByTarget(ModelPolicy m)
    {
        Diagnostic Unused(string key, string value) => Codes.UnusedByTarget($"{key}: {value}", PolicyKeys.Targets.Word(m.Target), m.Where($"quantize.{key}"));
        if (m is { Quantize.Ranges: RangeSource.Dynamic, Target: not Target.OnnxRuntime }) return Unused("ranges", "dynamic");
        return m is { Quantize.KeepPacked: true, Target: Target.OnnxRuntimePlain or Target.Qonnx } ? Unused("keep-packed", "true") : null;
    }

    private static Diagnostic? UnusedByMethod(ModelPolicy m)
    {
        if (m.Method.Value != Method.Layerwise) return null;
        Diagnostic Unused(string section, string key, string value) => Codes.UnusedByMethod($"{key}: {value}", PolicyKeys.Methods.Word(m.Method.Value), m.Where($"{section}.{key}"));
        if (m.Quantize.KeepPacked) return Unused("quantize", "keep-packed", "true");
        return m.Prune.Spread == PruneSpread.Measured ? Unused("prune", "spread", "measured") : null;
    }

    private static Diagnostic? MissingSamples(ModelPolicy m)
    {
        if (m.Calibration is not null) return null;
        if (m.Quantize.Activations.Count > 0 && m.Quantize.Activations.All(bits => bits < 32))
            return Codes.CalibrationNeeded("activations", string.Join(", ", m.Quantize.Activations), m.Where("quantize.activations"));
        if (m.Reconstruct is > 0 and var passes) return Codes.CalibrationNeeded("reconstruct", Text(passes), m.Where("reconstruct"));
        return m.Quantize.Rounding is Rounding.Gptq or Rounding.AdaRound
            ? Codes.CalibrationNeeded("rounding", SectionKeys.Roundings.Word(m.Quantize.Rounding), m.Where("quantize.rounding")) : null;
    }

    private static Diagnostic? Training(ModelPolicy m) =>
        m.Train is { Distill: false, Features: false, Labels: null } ? Codes.NothingToLearn(m.Where("train.distill")) : null;

    private static Diagnostic? LearnedMethod(ModelPolicy m) =>
        m.Method.Value == Method.Djpq && (m.Train is null || m.Calibration is null) ? Codes.MethodNeedsTraining(PolicyKeys.Methods.Word(m.Method.Value), m.Method.Location) : null;

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
