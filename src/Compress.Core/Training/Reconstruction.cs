using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;

namespace Compress.Training;

/// <summary>
/// Recovery by gradients on the calibration samples alone, without labels: weights, biases and the steps of coarse grids move until the ends of all blocks and
/// the outputs come as near to the float model's as they get (after BRECQ, arXiv 2102.05426, all blocks at once). Least squares fits one layer at a time
/// to what the float layer gave; here the layers of a block make up for each other, and what was cut from the first is found again by the second.
/// </summary>
public static class Reconstruction
{
    /// <summary>Passes over the samples that a reconstruction takes where nobody says how many.</summary>
    public const int Passes = 30;

    /// <summary>One sample of so many is held back, to tell whether what was learned holds for other samples.</summary>
    public const int HeldBackOf = 8;

    private const double Rate = 0.02;
    private const int BatchSize = 64;

    /// <exception cref="CompressionException">CMP4501 to CMP4504: an operator has no gradient, or the samples can't be learned from.</exception>
    /// <param name="facts">The float model, and the samples to learn from.</param>
    /// <param name="prepared">A plan carried out, with fitted weights.</param>
    /// <param name="scores">See <see cref="TrainingSettings.Scores"/>.</param>
    public static PreparedPlan Run(ModelFacts facts, PreparedPlan prepared, int passes, string? scores, int seed, int threads, IReporter reporter, CancellationToken cancellation = default)
    {
        CheckSamples(facts);
        // The first pass tells where it starts.
        var settings = new TrainingSettings { Epochs = passes + 1, Features = true, Backtracks = true, Scores = scores, Rate = Rate, BatchSize = BatchSize, Seed = seed, Threads = threads };
        return Trainer.Run(facts, prepared, new CalibrationSet(facts.Samples), settings, reporter, cancellation: cancellation);
    }

    /// <exception cref="CompressionException">CMP4504: samples of this model can't be put together anew for each step.</exception>
    public static void CheckSamples(ModelFacts facts)
    {
        bool IsConstant(string input) => facts.Samples.All(batch => batch.Constants.Contains(input));
        static bool IsFixed(Onnx.ValueInfoProto input) => input.Type.TensorType.Shape is { Dim: [{ HasDimValue: true, DimValue: > 1 }, ..] };
        var wrong = facts.Samples.SelectMany(batch => batch.Inputs.Where(input => !batch.HasRows(input.Key, input.Value))).Select(input => input.Key);
        var named = wrong.Concat(facts.Model.Graph.Inputs.Where(IsFixed).Select(input => input.Name)).FirstOrDefault(input => !IsConstant(input));
        if (named is not null) throw Codes.SamplesNotRows(named).Error();
    }

    /// <summary>One sample of eight is held back: whole batches where there are eight, else rows of each. Of fewer samples than eight none is.</summary>
    public static (IReadOnlyList<Batch> Learned, IReadOnlyList<Batch> HeldBack) Split(IReadOnlyList<Batch> samples)
    {
        if (samples.Count >= HeldBackOf) return ([.. samples.Where((_, i) => !IsHeldBack(i))], [.. samples.Where((_, i) => IsHeldBack(i))]);
        IReadOnlyList<Batch> Rows(bool heldBack)
        {
            var at = 0;
            return [.. samples.Select(batch => CalibrationSet.Rows(batch, [.. Enumerable.Range(0, batch.Samples).Where(_ => IsHeldBack(at++) == heldBack)])).Where(batch => batch.Samples > 0)];
        }
        return (Rows(heldBack: false), Rows(heldBack: true));
    }

    private static bool IsHeldBack(int place) => place % HeldBackOf == HeldBackOf - 1;
}
