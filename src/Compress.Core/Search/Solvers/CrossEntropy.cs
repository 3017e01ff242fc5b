namespace Compress.Search.Solvers;

/// <summary>
/// Cross-entropy method: actions in [0, 1] are drawn from independent normal distributions, which move towards the best of each round.
/// </summary>
public static class CrossEntropy
{
    private const int Samples = 64, Elite = 8, Rounds = 80;

    /// <summary>Share of the new estimate in a distribution's mean and deviation.</summary>
    private const double Pace = 0.5;

    private const double FirstDeviation = 0.3, LeastDeviation = 0.02;

    /// <summary>The best actions of all rounds.</summary>
    /// <param name="reward">Larger is better.</param>
    public static double[] Best(int actions, Func<double[], double> reward, int seed, Course? course = null)
    {
        var random = new Random(seed);
        var (mean, deviation) = (Enumerable.Repeat(0.5, actions).ToArray(), Enumerable.Repeat(FirstDeviation, actions).ToArray());
        var best = (Actions: mean, Reward: double.NegativeInfinity);
        for (var round = 0; round < Rounds && (course ?? Course.Quiet).GoesOn((double)round / Rounds); round++)
        {
            var drawn = Enumerable.Range(0, Samples).Select(_ => Enumerable.Range(0, actions).Select(i => Math.Clamp(mean[i] + (deviation[i] * Normal.Next(random)), 0, 1)).ToArray()).ToList();
            var ranked = drawn.Select(sample => (Actions: sample, Reward: reward(sample))).OrderByDescending(sample => sample.Reward).ToList();
            if (ranked[0].Reward > best.Reward) best = ranked[0];
            for (var i = 0; i < actions; i++)
            {
                var average = ranked.Take(Elite).Average(sample => sample.Actions[i]);
                var spread = Math.Sqrt(ranked.Take(Elite).Average(sample => Math.Pow(sample.Actions[i] - average, 2)));
                mean[i] += Pace * (average - mean[i]);
                deviation[i] = Math.Max(LeastDeviation, deviation[i] + (Pace * (spread - deviation[i])));
            }
        }
        return best.Actions;
    }
}
