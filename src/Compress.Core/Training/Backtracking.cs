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

    /// <summary>Passes that a rate gets before it is called hopeless.</summary>
    private const int Tries = 3;

    private double scale = 1, first, last;
    private int tries;
    private (double Loss, State[] States)? best;
    private State[] start = [];

    /// <summary>What the rate is multiplied by.</summary>
    public double Scale => best is null ? 0 : scale;

    public void BeginPass() => start = [.. trained.Select(State.Of)];

    /// <param name="loss">Mean over the pass.</param>
    /// <param name="progress">How much of the training is done, 0 to 1.</param>
    /// <returns>Whether there is anything left to try.</returns>
    public bool EndPass(double loss, double progress)
    {
        last = loss;
        if (best is not { } least)
        {
            (first, best) = (loss, (loss, start));
            GoBack(start); // no rate, but 0 · infinity is no number
            return double.IsFinite(loss);
        }
        tries++;
        if (loss < least.Loss) best = (loss, start);
        else if (!(loss <= Bearable * least.Loss))
        {
            GoBack(least.States);
            (scale, tries) = (scale / Lowered, 0);
        }
        var isHopeless = progress > Hope && tries >= Tries && best.Value.Loss >= Gain * first;
        return scale >= Least && !isHopeless;
    }

    /// <summary>Where the training came out above the least loss, it goes back there.</summary>
    public void Finish()
    {
        if (best is { } least && !(last <= least.Loss)) GoBack(least.States);
    }

    private void GoBack(State[] states)
    {
        foreach (var (parameter, state) in trained.Zip(states)) state.PutInto(parameter);
    }

    /// <summary>A parameter with the optimizer's memory: what it remembers of a bad place would slow it down, or lead it there again.</summary>
    private sealed record State(float[] Values, float[] Mean, float[] Square)
    {
        public static State Of(Parameter parameter) => new([.. parameter.Values], [.. parameter.Mean], [.. parameter.Square]);

        public void PutInto(Parameter parameter)
        {
            Values.CopyTo(parameter.Values, 0);
            Mean.CopyTo(parameter.Mean, 0);
            Square.CopyTo(parameter.Square, 0);
        }
    }
}
