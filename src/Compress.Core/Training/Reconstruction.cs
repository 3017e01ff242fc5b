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

    /// <summary>One batch of so many is held back, to tell whether what was learned holds for other samples.</summary>
    private const int HeldBackOf = 8;

    private const double Rate = 0.02;
    private const int BatchSize = 64;

    /// <exception cref="CompressionException">CMP4501, CMP4502: an operator has no gradient.</exception>
    /// <param name="prepared">A plan carried out, with fitted weights.</param>
    /// <param name="areLogits">Whether the outputs are class scores.</param>
    public static PreparedPlan Run(ModelFacts facts, PreparedPlan prepared, int passes, bool areLogits, int seed, int threads, IReporter reporter, CancellationToken cancellation = default)
    {
        var settings = new TrainingSettings { Epochs = passes, Features = true, IsDistribution = areLogits, Rate = Rate, BatchSize = BatchSize, Seed = seed, Threads = threads };
        return Trainer.Run(facts, prepared, new CalibrationSet(Split(facts.Samples).Learned), settings, reporter, cancellation: cancellation);
    }

    /// <summary>Whether samples can be mixed anew: each tensor has them along its first axis and is alike in all else.</summary>
    public static bool CanRun(ModelFacts facts)
    {
        static bool Rows(Batch batch) => batch.Inputs.Values.All(tensor => tensor.Rank > 0 && tensor.Dims[0] == batch.Samples);
        bool AsFirst(Batch batch) => batch.Inputs.All(input => input.Value.Dims[1..].SequenceEqual(facts.Samples[0].Inputs[input.Key].Dims[1..]));
        return facts.HasSamples && facts.Samples.All(batch => Rows(batch) && AsFirst(batch));
    }

    /// <summary>Every eighth batch is held back; of fewer batches none, and all are on both sides.</summary>
    public static (IReadOnlyList<Batch> Learned, IReadOnlyList<Batch> HeldBack) Split(IReadOnlyList<Batch> samples) =>
        samples.Count < HeldBackOf ? (samples, samples) : ([.. samples.Where((_, i) => i % HeldBackOf != HeldBackOf - 1)], [.. samples.Where((_, i) => i % HeldBackOf == HeldBackOf - 1)]);
}
