namespace Compress.Search.Solvers;

/// <summary>Numbers of a normal distribution (Box and Muller).</summary>
internal static class Normal
{
    public static double Next(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Drawn again until it lies from 0 to 1.</summary>
    public static double Between0And1(Random random, double mean, double deviation)
    {
        while (true)
            if (mean + (deviation * Next(random)) is >= 0 and <= 1 and var value) return value;
    }
}
