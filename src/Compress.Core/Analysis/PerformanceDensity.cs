namespace Compress.Analysis;

/// <summary>The figure of merit of Zhang et al.: metric per megabit of weights and activations, PD = metric / (bits_W + bits_A).</summary>
public static class PerformanceDensity
{
    /// <summary>Numbers of one kind, how many bits each has, and the share of them that is pruned (of weights: with their filter or their input slice).</summary>
    public sealed record Storage(long Count, double Bits, double Sparsity = 0)
    {
        public double Megabits => Count * Bits * (1 - Sparsity) / 1e6;
    }

    /// <param name="metric">In its own unit, percent for top1.</param>
    /// <param name="activations">The outputs of all layers for one sample.</param>
    public static double Of(double metric, Storage weights, Storage activations) => metric / (weights.Megabits + activations.Megabits);
}
