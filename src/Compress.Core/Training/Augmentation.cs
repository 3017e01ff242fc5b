using System.Numerics.Tensors;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Training;

/// <summary>Random changes of images that a sample's meaning survives; tensors that are no images are left alone.</summary>
/// <param name="Flip">Left and right swapped, every second time.</param>
/// <param name="Shift">Largest shift along each axis, as a share of the side; borders are repeated.</param>
/// <param name="Cutout">Side of a square that is blanked with the image's mean, as a share of the shorter side (arXiv 1708.04552).</param>
/// <param name="ChannelsLast">Images are [N, H, W, C]; else [N, C, H, W].</param>
public sealed record Augmentation(bool Flip, double Shift, double Cutout, bool ChannelsLast = false)
{
    public static readonly Augmentation None = new(false, 0, 0);

    /// <summary>Whether a tensor is one of images, and they are changed.</summary>
    public bool Changes(Tensor tensor) => this != None && tensor is { Rank: 4, Type: Onnx.TensorProto.Types.DataType.Float };

    public Tensor Apply(Tensor images, Random random)
    {
        if (!Changes(images)) return images;
        var (source, result) = (images.Floats(), new float[images.Count]);
        var size = Array.ConvertAll(images.Dims, length => (int)length);
        var (height, width) = ChannelsLast ? (size[1], size[2]) : (size[2], size[3]);
        // One plane a channel, or a single one of pixels with all channels side by side.
        var (planes, pixel) = ChannelsLast ? (1, size[3]) : (size[1], 1);
        var (plane, sample) = (height * width * pixel, height * width * pixel * planes);
        for (var n = 0; n < size[0]; n++)
        {
            var flip = Flip && random.Next(2) == 0;
            var (down, right) = (Offset(height, random), Offset(width, random));
            for (var at = n * sample; at < (n + 1) * sample; at += plane) Move(source.AsSpan(at, plane), result.AsSpan(at, plane), (height, width, pixel), flip, down, right);
            if (Cutout <= 0) continue;
            var square = Square(height, width, random);
            for (var at = n * sample; at < (n + 1) * sample; at += plane) Blank(result.AsSpan(at, plane), width, pixel, square);
        }
        return Tensor.Of(result, images.Dims);
    }

    private int Offset(int side, Random random)
    {
        var most = (int)Math.Round(Shift * side);
        return most == 0 ? 0 : random.Next(-most, most + 1);
    }

    private static void Move(ReadOnlySpan<float> from, Span<float> to, (int Height, int Width, int Pixel) size, bool flip, int down, int right)
    {
        var (height, width, pixel) = size;
        for (var y = 0; y < height; y++)
        {
            var row = from.Slice(Math.Clamp(y + down, 0, height - 1) * width * pixel, width * pixel);
            for (var x = 0; x < width; x++)
            {
                var at = Math.Clamp(x + right, 0, width - 1);
                row.Slice((flip ? width - 1 - at : at) * pixel, pixel).CopyTo(to[(((y * width) + x) * pixel)..]);
            }
        }
    }

    private (Range Rows, Range Columns) Square(int height, int width, Random random)
    {
        var side = (int)Math.Round(Cutout * Math.Min(height, width));
        var (top, left) = (random.Next(height) - (side / 2), random.Next(width) - (side / 2));
        return (Math.Max(0, top)..Math.Min(height, top + side), Math.Max(0, left)..Math.Min(width, left + side));
    }

    private static void Blank(Span<float> plane, int width, int pixel, (Range Rows, Range Columns) square)
    {
        var mean = TensorPrimitives.Sum<float>(plane) / plane.Length;
        for (var y = square.Rows.Start.Value; y < square.Rows.End.Value; y++)
            plane[(((y * width) + square.Columns.Start.Value) * pixel)..(((y * width) + square.Columns.End.Value) * pixel)].Fill(mean);
    }
}
