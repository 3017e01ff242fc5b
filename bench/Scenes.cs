using Compress.Graph;
using Compress.Testing;
using Compress.Training;
using DetectorIoU;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Bench;

/// <summary>
/// Scenes for the detector to be trained on, drawn as those of scenes-calibration are: one image of clothing, stretched, of any size and anywhere, before
/// noise and rectangles. Sizes, thresholds and levels were read off the calibration scenes, whose images are among the training images.
/// </summary>
internal static class Scenes
{
    private const int Count = 20480;
    private const int Side = 64;
    private const int ImageSide = 28;
    private const int Largest = 44;

    /// <summary>Above it a pixel of the image belongs to the object.</summary>
    private const byte Background = 30;

    /// <summary>What becomes of the pixels 0 and 255 of an object: never as dark as most of the clutter.</summary>
    private const double Darkest = 51, Brightest = 255;

    /// <summary>
    /// Writes the scenes `input`, uint8 [N, 1, 64, 64], `boxes`, float [N, 4] as in scenes-calibration, and `targets`, float [N, 5, 8, 8]: what the detector
    /// should give for the box in the cell of its centre, and not known elsewhere.
    /// </summary>
    public static void Write(Tensor images, string path)
    {
        var random = new Random(1);
        var (scenes, boxes, targets) = (new byte[Count * Side * Side], new float[Count * 4], new float[Count * Box.OutputLength]);
        Array.Fill(targets, float.NaN);
        for (var i = 0; i < Count; i++)
        {
            var scene = scenes.AsSpan(i * Side * Side, Side * Side);
            Clutter(scene, random);
            while (!Place(images.Raw.Slice(random.Next((int)images.Dims[0]) * ImageSide * ImageSide, ImageSide * ImageSide), scene, boxes.AsSpan(4 * i, 4), random)) { }
            Encode(boxes.AsSpan(4 * i, 4), targets.AsSpan(i * Box.OutputLength, Box.OutputLength));
        }
        NpzWriter.Write(path, deflated: false, ("input", new Tensor(DataType.Uint8, [Count, 1, Side, Side], scenes)), ("boxes", Tensor.Of(boxes, Count, 4)), ("targets", Tensor.Of(targets, Count, 5, 8, 8)));
    }

    private static void Clutter(Span<byte> scene, Random random)
    {
        var levels = new double[Side * Side];
        Array.Fill(levels, 90 * random.NextDouble());
        for (var rectangles = random.Next(1, 7); rectangles > 0; rectangles--)
        {
            var (width, height, by) = (random.Next(4, 21), random.Next(4, 21), (140 * random.NextDouble()) - 70);
            var (left, top) = (random.Next(Side - width + 1), random.Next(Side - height + 1));
            for (var y = top; y < top + height; y++)
                for (var x = left; x < left + width; x++) levels[(y * Side) + x] += by;
        }
        var noise = new float[levels.Length];
        NormalNoise.Fill(noise, random);
        for (var i = 0; i < levels.Length; i++) scene[i] = Byte(levels[i] + (15 * noise[i]));
    }

    /// <summary>The image over the scene, stretched, and the box of what is seen of it; false where that is next to nothing.</summary>
    private static bool Place(ReadOnlySpan<byte> image, Span<byte> scene, Span<float> box, Random random)
    {
        var (side, stretch) = (ImageSide * (0.5 + (0.8 * random.NextDouble())), Math.Pow(0.75, (2 * random.NextDouble()) - 1));
        var (width, height) = (Math.Min((int)(side * stretch), Largest), Math.Min((int)(side / stretch), Largest));
        var seen = new List<(int X, int Y, byte Value)>();
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                if (image[(y * ImageSide / height * ImageSide) + (x * ImageSide / width)] is > Background and var value) seen.Add((x, y, value));
        if (seen.Count < 20) return false;
        var (left, right, top, bottom) = (seen.Min(at => at.X), seen.Max(at => at.X) + 1, seen.Min(at => at.Y), seen.Max(at => at.Y) + 1);
        var (across, down) = (random.Next(Side - (right - left) + 1) - left, random.Next(Side - (bottom - top) + 1) - top);
        foreach (var (x, y, value) in seen) scene[((y + down) * Side) + x + across] = Byte(Darkest + (value / 255.0 * (Brightest - Darkest)));
        float[] values = [across + ((left + right) / 2f), down + ((top + bottom) / 2f), right - left, bottom - top];
        values.CopyTo(box);
        return true;
    }

    /// <summary>The box as the detector says it in the cell of its centre.</summary>
    private static void Encode(ReadOnlySpan<float> box, Span<float> target)
    {
        var (column, row) = (Math.Min((int)(box[0] / Box.Stride), Box.Grid - 1), Math.Min((int)(box[1] / Box.Stride), Box.Grid - 1));
        float[] values = [Logit((box[0] / Box.Stride) - column), Logit((box[1] / Box.Stride) - row), MathF.Log(box[2] / Box.Anchor), MathF.Log(box[3] / Box.Anchor)];
        for (var i = 0; i < values.Length; i++) target[((i + 1) * Box.Cells) + (row * Box.Grid) + column] = values[i];
    }

    /// <summary>Of a share of a cell; at its borders it would be infinite.</summary>
    private static float Logit(float share)
    {
        share = Math.Clamp(share, 0.05f, 0.95f);
        return MathF.Log(share / (1 - share));
    }

    private static byte Byte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
