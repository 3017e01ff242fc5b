using Compress.Graph;

namespace Compress.Testing.Networks;

/// <summary>Classifiers over [N, 3, 64, 64].</summary>
internal static class Convolutional
{
    private const int Classes = 50;

    /// <summary>He et al. 2016: bottlenecks 1×1, 3×3, 1×1 with projection shortcuts.</summary>
    public static OnnxModel ResNet()
    {
        var b = new Blocks(31);
        var x = b.MaxPool(b.Relu(b.Norm(b.Conv(b.Image(64), 32, 7, stride: 2))), 3, 2);
        foreach (var (inner, stride, count) in new[] { (32, 1, 2), (64, 2, 2), (128, 2, 2) })
            for (var i = 0; i < count; i++)
            {
                var step = i == 0 ? stride : 1;
                var shortcut = i == 0 ? b.Norm(b.Conv(x, 4 * inner, 1, step)) : x;
                var main = b.Relu(b.Norm(b.Conv(x, inner, 1)));
                main = b.Relu(b.Norm(b.Conv(main, inner, 3, step)));
                x = b.Relu(b.Add(b.Norm(b.Conv(main, 4 * inner, 1)), shortcut));
            }
        return b.Build(b.Classifier(x, Classes));
    }

    /// <summary>Huang et al. 2017: normalization before convolution, every layer reads all earlier ones of its block.</summary>
    public static OnnxModel DenseNet()
    {
        const int Growth = 24;
        var b = new Blocks(32);
        var x = b.MaxPool(b.Relu(b.Norm(b.Conv(b.Image(64), 2 * Growth, 7, stride: 2))), 3, 2);
        for (var block = 0; block < 3; block++)
        {
            for (var i = 0; i < 5; i++)
            {
                var inner = b.Conv(b.Relu(b.Norm(x)), 4 * Growth, 1);
                x = b.Concat(1, x, b.Conv(b.Relu(b.Norm(inner)), Growth, 3));
            }
            if (block == 2) continue;
            var half = b.Conv(b.Relu(b.Norm(x)), b.Channels(x) / 2, 1);
            x = b.Op("AveragePool", [half], node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]));
        }
        return b.Build(b.Classifier(b.Relu(b.Norm(x)), Classes));
    }

    /// <summary>ShuffleNet V2 (Ma et al. 2018): half of the channels pass, then both halves are shuffled.</summary>
    public static OnnxModel ShuffleNet()
    {
        var b = new Blocks(33);
        var x = b.MaxPool(b.Relu(b.Norm(b.Conv(b.Image(64), 24, 3, stride: 2))), 3, 2);
        var size = 16;
        foreach (var (width, count) in new[] { (96, 3), (192, 4), (384, 2) })
        {
            for (var i = 0; i < count; i++)
            {
                string Branch(string from, int stride) =>
                    b.Relu(b.Norm(b.Conv(b.Norm(b.Conv(b.Relu(b.Norm(b.Conv(from, width / 2, 1))), width / 2, 3, stride, group: width / 2)), width / 2, 1)));
                string left, right;
                if (i == 0)
                {
                    size /= 2;
                    left = b.Relu(b.Norm(b.Conv(b.Norm(b.Conv(x, b.Channels(x), 3, 2, group: b.Channels(x))), width / 2, 1)));
                    right = Branch(x, 2);
                }
                else
                {
                    string Half(long from, long to) => b.Op("Slice", [x, b.List(from), b.List(to), b.List(1)], width: width / 2);
                    left = Half(0, width / 2);
                    right = Branch(Half(width / 2, width), 1);
                }
                var joined = b.Reshape(b.Concat(1, left, right), 0, 2, width / 2, size, size);
                x = b.Op("Reshape", [b.Transpose(joined, 0, 2, 1, 3, 4), b.List(0, width, size, size)], width: width);
            }
        }
        return b.Build(b.Classifier(b.Relu(b.Norm(b.Conv(x, 768, 1))), Classes));
    }

    /// <summary>EfficientNet (Tan and Le 2019): inverted bottlenecks with squeeze-and-excitation and SiLU.</summary>
    public static OnnxModel EfficientNet()
    {
        var b = new Blocks(34);
        var x = b.Silu(b.Norm(b.Conv(b.Image(64), 32, 3, stride: 2)));
        foreach (var (width, expand, kernel, stride, count) in new[] { (16, 1, 3, 1, 1), (24, 6, 3, 2, 2), (40, 6, 5, 2, 2), (80, 6, 3, 2, 2), (112, 6, 5, 1, 2) })
            for (var i = 0; i < count; i++)
            {
                var inner = b.Channels(x) * expand;
                var main = expand == 1 ? x : b.Silu(b.Norm(b.Conv(x, inner, 1)));
                main = b.Silu(b.Norm(b.Conv(main, inner, kernel, i == 0 ? stride : 1, group: inner)));
                var gate = b.Silu(b.Conv(b.Op("GlobalAveragePool", [main]), Math.Max(4, b.Channels(x) / 4), 1, bias: true));
                main = b.Op("Mul", [main, b.Op("Sigmoid", [b.Conv(gate, inner, 1, bias: true)])]);
                main = b.Norm(b.Conv(main, width, 1));
                x = i == 0 ? main : b.Add(main, x);
            }
        return b.Build(b.Classifier(b.Silu(b.Norm(b.Conv(x, 448, 1))), Classes));
    }

    /// <summary>ConvNeXt (Liu et al. 2022): depthwise 7×7, LayerNormalization and a two-layer perceptron with channels last, layer scale.</summary>
    public static OnnxModel ConvNeXt()
    {
        var b = new Blocks(35);
        var x = Normalized(b.Conv(b.Image(64), 48, 4, stride: 4, bias: true, pad: 0));
        foreach (var (width, count) in new[] { (48, 2), (96, 2), (192, 2) })
        {
            if (width > 48) x = b.Conv(Normalized(x), width, 2, stride: 2, bias: true, pad: 0);
            for (var i = 0; i < count; i++)
            {
                var last = b.LayerNorm(b.Transpose(b.Conv(x, width, 7, group: width, bias: true), 0, 2, 3, 1), width);
                last = b.Dense(b.Gelu(b.Dense(last, width, 4 * width)), 4 * width, width, gain: 1.5);
                var scaled = b.Op("Mul", [last, b.Builder.Constant(b.Builder.Random(0.3, width), "gamma")]);
                x = b.Op("Add", [x, b.Transpose(scaled, 0, 3, 1, 2)]);
            }
        }
        var pooled = b.LayerNorm(b.Op("Flatten", [b.Op("GlobalAveragePool", [x])]), 192);
        return b.Build(b.Dense(pooled, 192, Classes));

        string Normalized(string value) =>
            b.Op("Transpose", [b.LayerNorm(b.Transpose(value, 0, 2, 3, 1), b.Channels(value))], node => node.Set("perm", [0, 3, 1, 2]), b.Channels(value));
    }
}
