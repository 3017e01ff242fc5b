namespace Compress.Search.Solvers;

/// <summary>Numbers of a normal distribution (Box and Muller).</summary>
internal static class Normal
{
    public static double Next(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private const int Draws = 1000;

    /// <summary>Drawn again until it lies from 0 to 1; where it never does, the end of that which is nearer, or the middle if the mean is no number.</summary>
    public static double Between0And1(Random random, double mean, double deviation)
    {
        for (var draw = 0; draw < Draws; draw++)
            if (mean + (deviation * Next(random)) is >= 0 and <= 1 and var value) return value;
        return double.IsNaN(mean) ? 0.5 : Math.Clamp(mean, 0, 1);
    }
}
