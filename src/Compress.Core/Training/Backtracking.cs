namespace Compress.Training;

/// <summary>
/// Finds the rate that a training can bear. The first pass moves nothing: it tells the loss to start from. Where the mean loss of a pass is much higher than
/// the least so far, the training goes back to where that was and lowers the rate. Models that are near the float model already, and transformers, take far
/// smaller steps than a net that half of the channels were cut from. Where a third of the passes gained nothing, the others would not either.
/// </summary>
internal sealed class Backtracking(IReadOnlyList<Parameter> trained)
{
    /// <summary>What a rate that was too high is divided by.</summary>
    private const double Lowered = 3;

    /// <summary>Where even this share of the rate is too high there is nothing to be learned.</summary>
    private const double Least = 0.01;

    /// <summary>A high rate costs a little before it gains: weights that hop between two points of a coarse grid come to rest as the rate falls.</summary>
    private const double Bearable = 1.5;

    /// <summary>After this share of the training the loss has to be below so much of what it was at the start.</summary>
    private const double Hope = 1.0 / 3, Gain = 0.99;

    private double scale = 1, first, last;
    private (double Loss, float[][] Values)? best;
    private float[][] start = [];

    /// <summary>What the rate is multiplied by.</summary>
    public double Scale => best is null ? 0 : scale;

    public void BeginPass() => start = [.. trained.Select(parameter => (float[])parameter.Values.Clone())];

    /// <param name="loss">Mean over the pass.</param>
    /// <param name="progress">How much of the training is done, 0 to 1.</param>
    /// <returns>Whether there is anything left to try.</returns>
    public bool EndPass(double loss, double progress)
    {
        last = loss;
        if (best is null) first = loss;
        if (best is not { } found || loss < found.Loss) best = (loss, start);
        else if (!(loss <= Bearable * found.Loss))
        {
            GoBack(found.Values);
            scale /= Lowered;
        }
        return scale >= Least && (progress < Hope || best!.Value.Loss < Gain * first);
    }

    /// <summary>Where the training came out above the least loss, it goes back there.</summary>
    public void Finish()
    {
        if (best is { } found && last > found.Loss) GoBack(found.Values);
    }

    private void GoBack(float[][] values)
    {
        foreach (var (parameter, kept) in trained.Zip(values)) kept.CopyTo(parameter.Values, 0);
    }
}
