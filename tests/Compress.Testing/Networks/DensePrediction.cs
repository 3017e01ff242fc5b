using Compress.Graph;

namespace Compress.Testing.Networks;

/// <summary>Networks whose output is an image or a grid of boxes.</summary>
internal static class DensePrediction
{
    /// <summary>U-Net (Ronneberger et al. 2015), with transposed convolutions: [N, 3, 64, 64] → masks [N, 2, 64, 64].</summary>
    public static OnnxModel UNet()
    {
        var b = new Blocks(41);
        string Double(string x, int width) => b.Relu(b.Norm(b.Conv(b.Relu(b.Norm(b.Conv(x, width, 3))), width, 3)));
        var x = Double(b.Image(64), 16);
        var skips = new Stack<string>();
        foreach (var width in (int[])[32, 64, 128])
        {
            skips.Push(x);
            x = Double(b.MaxPool(x, 2, 2), width);
        }
        foreach (var width in (int[])[64, 32, 16])
        {
            var weight = b.Builder.Constant(b.Builder.Random(Math.Sqrt(2.0 / b.Channels(x)), b.Channels(x), width, 2, 2), "w");
            var up = b.Op("ConvTranspose", [x, weight, b.Builder.Constant(b.Builder.Random(0.05, width), "b")], node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]), width);
            x = Double(b.Concat(1, skips.Pop(), up), width);
        }
        return b.Build(b.Op("Sigmoid", [b.Conv(x, 2, 1, bias: true)]));
    }

    /// <summary>
    /// A YOLOv8-like detector (cross-stage blocks, SPPF, upsampling neck, decoupled heads, boxes as expectations of distributions):
    /// [N, 3, 96, 96] → [N, 4 + classes, cells].
    /// </summary>
    public static OnnxModel Yolo()
    {
        const int Classes = 10, Bins = 8;
        var b = new Blocks(42);
        string Cbs(string x, int width, int kernel, int stride = 1) => b.Silu(b.Norm(b.Conv(x, width, kernel, stride)));
        string C2f(string x, int width, bool shortcut = true)
        {
            var all = Cbs(x, width, 1);
            string Half(long from, long to) => b.Op("Slice", [all, b.List(from), b.List(to), b.List(1)], width: width / 2);
            var (first, second) = (Half(0, width / 2), Half(width / 2, width));
            var inner = Cbs(Cbs(second, width / 2, 3), width / 2, 3);
            return Cbs(b.Concat(1, first, second, shortcut ? b.Add(second, inner) : inner), width, 1);
        }
        var x = C2f(Cbs(Cbs(b.Image(96), 16, 3, 2), 32, 3, 2), 32);
        var fine = C2f(Cbs(x, 64, 3, 2), 64);
        var coarse = C2f(Cbs(fine, 128, 3, 2), 128);
        var pooled = Cbs(coarse, 64, 1);
        var (once, twice, thrice) = ("", "", "");
        string Pool(string value) => b.Op("MaxPool", [value], node => node.Set("kernel_shape", [5, 5]).Set("strides", [1, 1]).Set("pads", [2, 2, 2, 2]));
        (once, twice, thrice) = (Pool(pooled), "", "");
        twice = Pool(once);
        thrice = Pool(twice);
        coarse = Cbs(b.Concat(1, pooled, once, twice, thrice), 128, 1);
        var up = b.Op("Resize", [coarse, "", b.Builder.Constant(Tensor.Of([1f, 1f, 2f, 2f], 4))], node => node.Set("mode", "nearest").Set("coordinate_transformation_mode", "asymmetric").Set("nearest_mode", "floor"));
        fine = C2f(b.Concat(1, up, fine), 64, shortcut: false);
        coarse = C2f(b.Concat(1, Cbs(fine, 64, 3, 2), coarse), 128, shortcut: false);

        var (boxes, scores, cells) = (new List<string>(), new List<string>(), 0);
        foreach (var (level, size) in new[] { (fine, 12), (coarse, 6) })
        {
            boxes.Add(b.Reshape(b.Conv(Cbs(Cbs(level, 32, 3), 32, 3), 4 * Bins, 1, bias: true), 0, 4, Bins, size * size));
            scores.Add(b.Reshape(b.Conv(Cbs(Cbs(level, 48, 3), 48, 3), Classes, 1, bias: true), 0, Classes, size * size));
            cells += size * size;
        }
        // Distances to the four sides as the expectation of a distribution over bins, by a convolution with the bins as its weights.
        var chances = b.Op("Softmax", [b.Transpose(b.Concat(3, [.. boxes]), 0, 2, 1, 3)], node => node.Set("axis", 1), Bins);
        var bins = b.Builder.Constant(Tensor.Of([.. Enumerable.Range(0, Bins).Select(i => (float)i)], 1, Bins, 1, 1), "bins");
        var sides = b.Reshape(b.Op("Conv", [chances, bins], node => node.Set("kernel_shape", [1, 1]), 1), 0, 4, cells);
        var strides = b.Builder.Constant(Tensor.Of([.. Enumerable.Repeat(8f, 144), .. Enumerable.Repeat(16f, 36)], 1, 1, cells), "strides");
        var centres = b.Builder.Constant(Tensor.Of([.. Centres(12), .. Centres(6), .. Centres(12, rows: true), .. Centres(6, rows: true)], 1, 2, cells), "centres");
        string Part(long from, long to) => b.Op("Slice", [sides, b.List(from), b.List(to), b.List(1)]);
        var (low, high) = (b.Op("Sub", [centres, Part(0, 2)]), b.Op("Add", [centres, Part(2, 4)]));
        var middle = b.Op("Div", [b.Op("Add", [low, high]), b.Scalar(2)]);
        var found = b.Op("Mul", [b.Op("Concat", [middle, b.Op("Sub", [high, low])], node => node.Set("axis", 1)), strides]);
        return b.Build(b.Op("Concat", [found, b.Op("Sigmoid", [b.Op("Concat", [.. scores], node => node.Set("axis", 2))])], node => node.Set("axis", 1)));
    }

    /// <summary>EDSR-like super-resolution: residual blocks without normalization, pixel shuffle: [N, 3, 32, 32] → [N, 3, 64, 64].</summary>
    public static OnnxModel SuperResolution()
    {
        var b = new Blocks(43);
        var first = b.Conv(b.Image(32), 48, 3, bias: true);
        var x = first;
        for (var i = 0; i < 6; i++)
        {
            var inner = b.Conv(b.Relu(b.Conv(x, 48, 3, bias: true)), 48, 3, bias: true);
            x = b.Add(x, b.Op("Mul", [inner, b.Scalar(0.3f)]));
        }
        x = b.Add(b.Conv(x, 48, 3, bias: true), first);
        var blocks = b.Reshape(b.Conv(x, 48 * 4, 3, bias: true), 0, 48, 2, 2, 32, 32);
        var shuffled = b.Op("Reshape", [b.Transpose(blocks, 0, 1, 4, 2, 5, 3), b.List(0, 48, 64, 64)], width: 48);
        return b.Build(b.Conv(shuffled, 3, 3, bias: true));
    }

    private static IEnumerable<float> Centres(int size, bool rows = false) =>
        Enumerable.Range(0, size * size).Select(i => (rows ? i / size : i % size) + 0.5f);
}
