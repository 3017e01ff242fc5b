using System.Globalization;
using Compress.Diagnostics;

namespace Compress.Data;

/// <summary>A set to look at: how many of its samples are used, and where the policy names it.</summary>
public sealed record CheckedData(IDataset Set, int Samples, SourceLocation At);

/// <summary>Warns of data that make a good result unlikely. One pass over each set; memory holds 16 bytes a sample.</summary>
public static class DataChecks
{
    private const int FewestSamples = 64;

    /// <summary>Pictures are fed to models as about −3 to 3, or 0 to 1; raw pixels go to 255.</summary>
    private const double WidestPicture = 50, NarrowestPicture = 0.02, FarthestMean = 10;

    /// <summary>How many times wider, or how many deviations away, validation data may be.</summary>
    private const double LargestRatio = 4;

    /// <summary>Reports CMP3101 to CMP3107.</summary>
    public static void Warn(CheckedData calibration, CheckedData? validation, IReporter reporter)
    {
        var judging = validation is null ? null : Task.Run(() => SampleStatistics.Of(validation));
        var seen = SampleStatistics.Of(calibration);
        var judged = judging?.GetAwaiter().GetResult();
        foreach (var warning in OfCalibration(calibration, seen)) reporter.Report(warning);
        if (judged is null) return;
        foreach (var warning in OfBoth(calibration.At, seen, validation!, judged)) reporter.Report(warning);
    }

    private static IEnumerable<Diagnostic> OfCalibration(CheckedData data, SampleStatistics seen)
    {
        if (seen.Samples < FewestSamples) yield return Codes.FewSamples(data.At, seen.Samples, FewestSamples);
        if (seen.ConstantOrCopied > seen.Samples / 10) yield return Codes.ConstantSamples(data.At, seen.ConstantOrCopied, seen.Samples);
        foreach (var warning in OfSet(data, seen)) yield return warning;
        foreach (var (name, values) in seen.Inputs)
            if (values is { IsPicture: true, IsEmpty: false } && Guess(values) is { } guess) yield return Codes.UnusualRange(data.At, name, $"go from {Text(values.Min)} to {Text(values.Max)}, mean {Text(values.Mean)},", guess);
    }

    private static IEnumerable<Diagnostic> OfBoth(SourceLocation at, SampleStatistics seen, CheckedData validation, SampleStatistics judged)
    {
        foreach (var warning in OfSet(validation, judged)) yield return warning;
        var shared = seen.Hashes.Count(judged.Hashes.Contains);
        if (shared > seen.Samples / 100) yield return Codes.SharedSamples(at, shared, seen.Hashes.Count);
        foreach (var (name, values) in seen.Inputs)
            if (judged.Inputs.TryGetValue(name, out var others) && !values.IsEmpty && !others.IsEmpty && Differ(values, others)) yield return Codes.RangesDiffer(validation.At, name, Text(values), Text(others));
    }

    private static IEnumerable<Diagnostic> OfSet(CheckedData data, SampleStatistics seen)
    {
        if (data.Set is SampleSet { Dropped: > 0 and var dropped, LargestBatch: var batch }) yield return Codes.SamplesDropped(data.At, dropped, batch);
        foreach (var (name, values) in seen.Inputs)
            if (values.NotFinite > 0) yield return Codes.ValuesNotFinite(data.At, name, values.NotFinite);
    }

    /// <summary>What may be wrong with pictures of this range; null when they look usual.</summary>
    private static string? Guess(InputStatistics values) => ((double)values.Max - values.Min, values.Min, values.Max) switch
    {
        ( > WidestPicture, >= 0, <= 255) => "They look like raw pixels: unless the model itself scales them, set preprocess.scale (1/255), mean and std as in training.",
        ( > WidestPicture, _, _) => "Are preprocess.scale, mean and std those of the training?",
        ( > 0 and < NarrowestPicture, _, _) => "Are they scaled twice, in the file and by preprocess?",
        _ => Math.Abs(values.Mean) > FarthestMean ? "Are preprocess.mean and std in the unit of the scaled values?" : null,
    };

    private static bool Differ(InputStatistics a, InputStatistics b)
    {
        var (narrow, wide) = (Math.Min(a.Deviation, b.Deviation), Math.Max(a.Deviation, b.Deviation));
        return wide > LargestRatio * narrow || Math.Abs(a.Mean - b.Mean) > LargestRatio * wide;
    }

    private static string Text(InputStatistics values) => $"{Text(values.Mean)} ± {Text(values.Deviation)}";

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
