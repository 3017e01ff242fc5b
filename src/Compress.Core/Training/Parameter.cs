namespace Compress.Training;

/// <summary>Numbers that are trained, with their gradient and the optimizer's memory of it.</summary>
/// <param name="Unit">What a step of rate 1 moves each number by; one for every <see cref="RowLength"/> numbers. Folded normalization leaves the channels of a
/// layer with magnitudes that differ by orders: a rate means the same in all of them.</param>
internal sealed record Parameter(float[] Values, float[] Unit, bool Decays = false)
{
    public float[] Gradient { get; } = new float[Values.Length];

    public float[] Mean { get; } = new float[Values.Length];

    public float[] Square { get; } = new float[Values.Length];

    /// <summary>What the step of each number is multiplied by; null: all of them by 1.</summary>
    public float[]? Pace { get; set; }

    public int RowLength => Values.Length / Unit.Length;
}
