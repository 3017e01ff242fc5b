using Compress.Graph;

namespace Compress.Testing.Networks;

/// <summary>Seeded samples with the structure of real ones: smooth images with edges, words by Zipf's law with topics and padding, sound with pitch and envelope.</summary>
public static class SyntheticData
{
    public const int Words = 2000, Length = 32, Bands = 40, Frames = 48;

    /// <summary>x [count, 3, size, size]: gradients, waves and discs in colours that hang together, with a little noise.</summary>
    public static IReadOnlyDictionary<string, Tensor> Images(int seed, int count, int size)
    {
        var (random, values) = (new Random(seed), new float[count * 3 * size * size]);
        for (var n = 0; n < count; n++)
        {
            var discs = Enumerable.Range(0, 4).Select(_ => (X: random.NextDouble(), Y: random.NextDouble(), R: 0.05 + (0.25 * random.NextDouble()), C: Colour(random))).ToArray();
            var waves = Enumerable.Range(0, 3).Select(_ => (X: 12 * (random.NextDouble() - 0.5), Y: 12 * (random.NextDouble() - 0.5), P: 6.3 * random.NextDouble(), C: Colour(random))).ToArray();
            for (var y = 0; y < size; y++)
                for (var x = 0; x < size; x++)
                    for (var c = 0; c < 3; c++)
                    {
                        var (u, v) = ((double)x / size, (double)y / size);
                        var value = waves.Sum(w => 0.4 * w.C[c] * Math.Sin((w.X * u) + (w.Y * v) + w.P));
                        foreach (var disc in discs)
                            if (((u - disc.X) * (u - disc.X)) + ((v - disc.Y) * (v - disc.Y)) < disc.R * disc.R) value = (0.3 * value) + disc.C[c];
                        values[(((((n * 3) + c) * size) + y) * size) + x] = (float)(value + (0.1 * (random.NextDouble() - 0.5)));
                    }
        }
        return new Dictionary<string, Tensor> { ["x"] = Tensor.Of(values, count, 3, size, size) };
    }

    /// <summary>input_ids, attention_mask and token_type_ids [count, Length].</summary>
    public static IReadOnlyDictionary<string, Tensor> Tokens(int seed, int count)
    {
        var (random, ids, mask) = (new Random(seed), new long[count * Length], new long[count * Length]);
        for (var n = 0; n < count; n++)
        {
            var used = random.Next(Length / 2, Length + 1);
            var topic = random.Next(8);
            for (var t = 0; t < used; t++)
            {
                // Zipf's law over ranks; half of the words belong to the sentence's topic.
                var rank = (int)Math.Exp(random.NextDouble() * Math.Log(Words / 8));
                ids[(n * Length) + t] = t == 0 ? 1 : Math.Min(Words - 1, random.Next(2) == 0 ? (8 * rank) + topic : 8 * rank);
                mask[(n * Length) + t] = 1;
            }
        }
        return new Dictionary<string, Tensor> { ["input_ids"] = Tensor.Of(ids, count, Length), ["attention_mask"] = Tensor.Of(mask, count, Length), ["token_type_ids"] = Tensor.Of(new long[ids.Length], count, Length) };
    }

    /// <summary>ids [count, Length].</summary>
    public static IReadOnlyDictionary<string, Tensor> Ids(int seed, int count) => new Dictionary<string, Tensor> { ["ids"] = Tokens(seed, count)["input_ids"] };

    /// <summary>x [count, Frames, Bands]: log energies of a gliding tone with harmonics, an envelope and noise.</summary>
    public static IReadOnlyDictionary<string, Tensor> Sound(int seed, int count)
    {
        var (random, values) = (new Random(seed), new float[count * Frames * Bands]);
        for (var n = 0; n < count; n++)
        {
            var (pitch, glide, start, stop) = (3 + (8 * random.NextDouble()), 0.2 * (random.NextDouble() - 0.5), random.Next(Frames / 3), random.Next(Frames / 2, Frames));
            for (var t = 0; t < Frames; t++)
                for (var b = 0; b < Bands; b++)
                {
                    var phase = b / (pitch + (glide * t));
                    var tone = t >= start && t < stop ? 2 * Math.Exp(-4 * Math.Abs(phase - Math.Round(phase))) * Math.Exp(-b / 20.0) : 0;
                    values[(((n * Frames) + t) * Bands) + b] = (float)(tone - 0.5 + (0.3 * (random.NextDouble() - 0.5)));
                }
        }
        return new Dictionary<string, Tensor> { ["x"] = Tensor.Of(values, count, Frames, Bands) };
    }

    private static double[] Colour(Random random)
    {
        var brightness = (2 * random.NextDouble()) - 1;
        return [.. Enumerable.Range(0, 3).Select(_ => brightness + (0.4 * (random.NextDouble() - 0.5)))];
    }
}
