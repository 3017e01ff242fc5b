using Compress.Graph;

namespace Compress.Training;

/// <summary>Random changes of images [N, C, H, W] that a sample's meaning survives; other tensors are left alone.</summary>
/// <param name="Flip">Left and right swapped, every second time.</param>
/// <param name="Shift">Largest shift along each axis, as a share of the side; borders are repeated.</param>
/// <param name="Cutout">Side of a square that is blanked with the image's mean, as a share of the shorter side (arXiv 1708.04552).</param>
public sealed record Augmentation(bool Flip, double Shift, double Cutout)
{
    public static readonly Augmentation None = new(false, 0, 0);

    public Tensor Apply(Tensor images, Random random)
    {
        if (this == None || images is not { Rank: 4, Type: Onnx.TensorProto.Types.DataType.Float }) return images;
        var (source, result) = (images.Floats(), new float[images.Count]);
        var (count, channels, height, width) = ((int)images.Dims[0], (int)images.Dims[1], (int)images.Dims[2], (int)images.Dims[3]);
        for (var n = 0; n < count; n++)
        {
            var flip = Flip && random.Next(2) == 0;
            var (down, right) = (Offset(height, random), Offset(width, random));
            for (var c = 0; c < channels; c++)
                Move(source.AsSpan(((n * channels) + c) * height * width, height * width), result.AsSpan(((n * channels) + c) * height * width, height * width), height, width, flip, down, right);
            if (Cutout > 0) Blank(result.AsSpan(n * channels * height * width, channels * height * width), channels, height, width, random);
        }
        return Tensor.Of(result, images.Dims);
    }

    private int Offset(int side, Random random)
    {
        var most = (int)Math.Round(Shift * side);
        return most == 0 ? 0 : random.Next(-most, most + 1);
    }

    private static void Move(ReadOnlySpan<float> from, Span<float> to, int height, int width, bool flip, int down, int right)
    {
        for (var y = 0; y < height; y++)
        {
            var row = from.Slice(Math.Clamp(y + down, 0, height - 1) * width, width);
            for (var x = 0; x < width; x++)
            {
                var at = Math.Clamp(x + right, 0, width - 1);
                to[(y * width) + x] = row[flip ? width - 1 - at : at];
            }
        }
    }

    private void Blank(Span<float> image, int channels, int height, int width, Random random)
    {
        var side = (int)Math.Round(Cutout * Math.Min(height, width));
        var (top, left) = (random.Next(height) - (side / 2), random.Next(width) - (side / 2));
        for (var c = 0; c < channels; c++)
        {
            var plane = image.Slice(c * height * width, height * width);
            var mean = System.Numerics.Tensors.TensorPrimitives.Sum<float>(plane) / plane.Length;
            for (var y = Math.Max(0, top); y < Math.Min(height, top + side); y++)
                for (var x = Math.Max(0, left); x < Math.Min(width, left + side); x++) plane[(y * width) + x] = mean;
        }
    }
}
