using Compress.Policy;

namespace Compress.Training;

/// <summary>How a training runs. Rates count in each parameter's own unit, see <see cref="Parameter.Unit"/>.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes where neither passes nor minutes are given.</summary>
    public const int DefaultEpochs = 5;

    /// <summary>Passes over the data; null: as many as the minutes permit.</summary>
    public double? Epochs { get; init; }

    /// <summary>Time limit; the result then depends on the machine's speed. Null: none.</summary>
    public double? Minutes { get; init; }

    /// <summary>Null: none, the float model is the teacher.</summary>
    public Labels? Labels { get; init; }

    /// <summary>Whether the float model's outputs are learned from.</summary>
    public bool Distill { get; init; } = true;

    /// <summary>Whether the float model's values at the ends of blocks are learned from as well, see <see cref="Taught"/>.</summary>
    public bool Features { get; init; }

    /// <summary>Weights are trained unrounded by position-scaled gradients, see <see cref="LearnedLayer"/>.</summary>
    public bool PositionScaled { get; init; }

    /// <summary>The output with scores of classes (see <see cref="Graph.ClassAxis"/>): their distributions are compared, not their values. Null: there is none.</summary>
    public string? Scores { get; init; }

    public OptimizerKind Optimizer { get; init; }

    public const double DefaultRate = 0.005;

    /// <summary>Largest rate.</summary>
    public double Rate { get; init; } = DefaultRate;

    /// <summary>Whether passes that make it worse are taken back and the rate is lowered, see <see cref="Backtracking"/>.</summary>
    public bool Backtracks { get; init; }

    /// <summary>Along a cosine, or by steps of factor ten at 50 and 75 %.</summary>
    public RateSchedule Schedule { get; init; }

    /// <summary>Share of its value that a weight loses in a step of rate 1.</summary>
    public double WeightDecay { get; init; }

    public int BatchSize { get; init; } = 128;

    public Augmentation Augmentation { get; init; } = Augmentation.None;

    public int Seed { get; init; } = 1;

    /// <summary>Shards that run at a time; the result does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Share of the training over which the rate rises from 0: Adam's first steps know little of the gradients' size.</summary>
    private const double WarmUp = 0.05;

    /// <summary>The rate at a point of the training, 0 to 1.</summary>
    public double RateAt(double progress) => Rate * Math.Min(1, progress / WarmUp) * (Schedule == RateSchedule.Step ? progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01 : (1 + Math.Cos(Math.PI * Math.Min(1, progress))) / 2);
}
