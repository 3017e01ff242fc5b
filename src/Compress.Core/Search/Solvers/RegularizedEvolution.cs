namespace Compress.Search.Solvers;

/// <summary>Layer l ranks its channels by Scale[l] × property + Shift[l].</summary>
public sealed record AffineCriterion(double[] Scale, double[] Shift)
{
    public static AffineCriterion Identity(int layers) => new([.. Enumerable.Repeat(1.0, layers)], new double[layers]);
}

/// <summary>
/// Search of one affine criterion a layer by regularized evolution, with the constants of PIC-PQ (which are LeGR's): the best of a few drawn at random is
/// changed in a few layers, and its child takes the place of the oldest.
/// </summary>
public static class RegularizedEvolution
{
    public const int Population = 64, Tournament = 16, Generations = 400;
    public const double MutatedShare = 0.1;

    /// <summary>Every candidate that was evaluated, in order, at least one; number <see cref="Population"/> − 1 is the identity.</summary>
    /// <param name="deviations">For each layer, the standard deviation of the property over its channels.</param>
    /// <param name="fitness">Smaller is better.</param>
    public static IReadOnlyList<(AffineCriterion Criterion, double Fitness)> Run(double[] deviations, Func<AffineCriterion, double> fitness, int seed, Course? course = null)
    {
        var random = new Random(seed);
        var evaluated = new List<(AffineCriterion Criterion, double Fitness)>();
        for (var i = 0; i < Generations && ((course ?? Course.Quiet).GoesOn((double)i / Generations) || i == 0); i++)
        {
            var criterion = i switch
            {
                < Population - 1 => new AffineCriterion([.. deviations.Select(_ => Math.Exp(Normal.Next(random)))], [.. deviations.Select(deviation => deviation * Normal.Next(random))]),
                Population - 1 => AffineCriterion.Identity(deviations.Length),
                _ => Child(random, Parent(random, evaluated), deviations, Step(i)),
            };
            evaluated.Add((criterion, fitness(criterion)));
        }
        return evaluated;
    }

    /// <summary>How far the i-th candidate moves from its parent.</summary>
    public static double Step(int i) => 1 - (i / (1.25 * Generations));

    /// <summary>The oldest has left when a child is born, so the population is always the last <see cref="Population"/> candidates.</summary>
    private static AffineCriterion Parent(Random random, List<(AffineCriterion Criterion, double Fitness)> evaluated)
    {
        var drawn = Enumerable.Range(evaluated.Count - Population, Population).ToArray();
        random.Shuffle(drawn);
        return drawn.Take(Tournament).Select(i => evaluated[i]).MinBy(candidate => candidate.Fitness).Criterion;
    }

    private static AffineCriterion Child(Random random, AffineCriterion parent, double[] deviations, double step)
    {
        var (scale, shift) = ((double[])parent.Scale.Clone(), (double[])parent.Shift.Clone());
        var layers = Enumerable.Range(0, scale.Length).ToArray();
        random.Shuffle(layers);
        foreach (var layer in layers.Take(Math.Max(1, (int)(MutatedShare * layers.Length))))
        {
            scale[layer] *= Math.Exp(step * Normal.Next(random));
            shift[layer] += deviations[layer] * Normal.Next(random);
        }
        return new AffineCriterion(scale, shift);
    }
}
