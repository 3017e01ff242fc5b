using Compress.Graph;

namespace Compress.Data;

/// <summary>
/// Bilinear resizing of pictures without antialiasing, pixel centres at one half: what OpenCV's INTER_LINEAR and ONNX Resize (linear, half_pixel) do.
/// Integer pixels are rounded to the nearest, ties to even.
/// </summary>
internal static class Bilinear
{
    /// <param name="tensor">[…, height, width, channel], or […, height, width] when <paramref name="channelsLast"/> is false.</param>
    /// <returns>Float32, or <paramref name="tensor"/> itself when it has the size already.</returns>
    public static Tensor Resize(Tensor tensor, int height, int width, bool channelsLast)
    {
        var axis = tensor.Rank - (channelsLast ? 3 : 2);
        var (fromHeight, fromWidth) = ((int)tensor.Dims[axis], (int)tensor.Dims[axis + 1]);
        if (fromHeight == height && fromWidth == width) return tensor;
        var channels = channelsLast ? (int)tensor.Dims[^1] : 1;
        var planes = (int)Tensor.ElementCount(tensor.Dims.AsSpan(0, axis));
        var x = tensor.Floats();
        var y = new float[planes * height * width * channels];
        var (rows, columns) = (Steps(fromHeight, height), Steps(fromWidth, width));
        var at = 0;
        for (var plane = 0; plane < planes; plane++)
            foreach (var row in rows)
            {
                var above = (plane * fromHeight + row.From) * fromWidth;
                var below = (plane * fromHeight + row.To) * fromWidth;
                foreach (var column in columns)
                    for (var channel = 0; channel < channels; channel++)
                    {
                        float Pixel(int line, int place) => x[(line + place) * channels + channel];
                        var top = Pixel(above, column.From) + (Pixel(above, column.To) - Pixel(above, column.From)) * column.Weight;
                        var bottom = Pixel(below, column.From) + (Pixel(below, column.To) - Pixel(below, column.From)) * column.Weight;
                        y[at++] = top + (bottom - top) * row.Weight;
                    }
            }
        if (!tensor.IsFloat)
            for (var i = 0; i < y.Length; i++) y[i] = MathF.Round(y[i]);
        return Tensor.Of(y, [.. tensor.Dims[..axis], height, width, .. tensor.Dims[(axis + 2)..]]);
    }

    /// <summary>For each new place the two old ones around it, and the share of the second.</summary>
    private static (int From, int To, float Weight)[] Steps(int from, int to)
    {
        var steps = new (int, int, float)[to];
        for (var i = 0; i < to; i++)
        {
            var place = Math.Clamp((i + 0.5) * from / to - 0.5, 0, from - 1);
            var first = (int)place;
            steps[i] = (first, Math.Min(first + 1, from - 1), (float)(place - first));
        }
        return steps;
    }
}
