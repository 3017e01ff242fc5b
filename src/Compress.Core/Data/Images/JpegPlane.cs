using System.Runtime.Intrinsics;
using Compress.Graph;

namespace Compress.Data.Images;

/// <summary>Turns the coefficients of a component into samples at every pixel of the picture.</summary>
internal static class JpegPlane
{
    /// <summary>Row u, column x: the share of frequency u at place x (ITU-T T.81, A.3.3).</summary>
    private static readonly float[] Cosines =
        [.. Enumerable.Range(0, 64).Select(i => (float)(0.5 * (i / 8 == 0 ? Math.Sqrt(0.5) : 1) * Math.Cos((2 * (i % 8) + 1) * (i / 8) * Math.PI / 16)))];

    /// <summary>The rows of <see cref="Cosines"/>.</summary>
    private static readonly Vector256<float>[] Waves = [.. Enumerable.Range(0, 8).Select(u => Vector256.Create<float>(Cosines.AsSpan(u * 8, 8)))];

    /// <summary>Samples 0 to 255, [height × width]. Components of half the size are interpolated, pixel centres at one half, coarser ones repeated: so do other decoders.</summary>
    public static float[] Of(JpegComponent component, ushort[] steps, int width, int height)
    {
        if (component.Coefficients.Length == 0) throw new InvalidDataException("a colour component has no pixels");
        var samples = new float[component.Width * component.Height];
        Span<float> block = stackalloc float[64];
        for (var y = 0; y < component.Height; y += 8)
            for (var x = 0; x < component.Width; x += 8)
            {
                var coefficients = component.Block(y / 8, x / 8);
                for (var i = 0; i < 64; i++) block[i] = coefficients[i] * steps[i];
                Transform(block);
                for (var row = 0; row < Math.Min(8, component.Height - y); row++)
                    block.Slice(row * 8, Math.Min(8, component.Width - x)).CopyTo(samples.AsSpan((y + row) * component.Width + x));
            }
        return Enlarge(samples, component, width, height);
    }

    /// <summary>The inverse cosine transform of a block in place: down the columns, then along the rows; rounded as other decoders do.</summary>
    private static void Transform(Span<float> block)
    {
        Span<Vector256<float>> columns = stackalloc Vector256<float>[8];
        columns.Clear();
        for (var v = 0; v < 8; v++)
        {
            var frequencies = Vector256.Create<float>(block.Slice(v * 8, 8));
            if (frequencies == Vector256<float>.Zero) continue;
            for (var y = 0; y < 8; y++) columns[y] += frequencies * Cosines[v * 8 + y];
        }
        for (var y = 0; y < 8; y++)
        {
            var row = Vector256.Create(128f);
            for (var u = 0; u < 8; u++) row += Waves[u] * columns[y][u];
            Vector256.Clamp(Vector256.Round(row), Vector256<float>.Zero, Vector256.Create(255f)).CopyTo(block[(y * 8)..]);
        }
    }

    private static float[] Enlarge(float[] samples, JpegComponent component, int width, int height)
    {
        if (component.Width == width && component.Height == height) return samples;
        var (scaleX, scaleY) = ((width + component.Width - 1) / component.Width, (height + component.Height - 1) / component.Height);
        var isSmooth = scaleX <= 2 && scaleY <= 2;
        var large = isSmooth ? Bilinear.Resize(Tensor.Of(samples, component.Height, component.Width), component.Height * scaleY, component.Width * scaleX, channelsLast: false).Floats() : samples;
        var result = new float[width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                result[y * width + x] = isSmooth ? large[y * component.Width * scaleX + x] : large[y / scaleY * component.Width + x / scaleX];
        return result;
    }
}
