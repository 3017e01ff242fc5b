namespace Compress.Training;

/// <summary>Standard normal numbers by the million: a pool that is drawn once, read from a random place on. Far cheaper than drawing each, and as independent as a step needs.</summary>
internal static class NormalNoise
{
    private const int Pool = 1 << 18;

    private static readonly float[] Numbers = Draw();

    public static void Fill(Span<float> target, Random random)
    {
        while (target.Length > 0)
        {
            var from = random.Next(Pool);
            var length = Math.Min(target.Length, Pool - from);
            Numbers.AsSpan(from, length).CopyTo(target);
            target = target[length..];
        }
    }

    /// <summary>Box and Muller.</summary>
    private static float[] Draw()
    {
        var (random, numbers) = (new Random(1), new float[Pool]);
        for (var i = 0; i < Pool; i += 2)
        {
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            (numbers[i], numbers[i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        return numbers;
    }
}
