using Compress.Graph;

namespace Compress.Testing;

/// <summary>Blocks over [N, C, H, W].</summary>
public sealed partial class RandomGraphs
{
    private Value Image(Value x)
    {
        var (c, h) = (x.Dims[1], x.Dims[2]);
        return random.Next(30) switch
        {
            0 => Activation(Conv(x, Channels(), Pick(1, 3), stride: h >= 4 ? Pick(1, 2) : 1)),
            1 => Activation(Conv(Depthwise(x, Pick(1, 2)), Channels(), 1)),
            2 => Grouped(x),
            3 => Upsampled(x),
            4 => Normalized(Conv(x, Channels(), 3)),
            5 => Residual(x),
            6 => DownsampledShortcut(x),
            7 => Joined(1, Activation(Conv(x, Channels(), 1)), x, Conv(x, Channels(), 3)),
            8 => SplitAndRejoin(x),
            9 => Activation(Conv(Sliced(x, 1, 1, Math.Max(2, c - random.Next(2))), Channels(), 1)),
            10 => Padded(x),
            11 => Permuted(x),
            12 => Shuffled(Conv(x, 2 * Channels(), 1), Pick(2, 4)),
            13 => Gated(x),
            14 => Resized(x),
            15 => DepthToSpace(x),
            16 => SpaceToDepth(x),
            17 => Pool(x),
            18 => Op("Tile", [x.Name, Integers(1, 2, 1, 1)], [x.Dims[0], 2 * c, h, x.Dims[3]]),
            19 => ChannelsLast(x),
            20 => Arithmetic(x, 1),
            21 => SharedWeights(x),
            22 => SpatialGate(x),
            23 => Expanded(x),
            24 => Dense(Pooled(x), Channels()),
            25 => Dense(Reshaped(x, x.Dims[0], c * h * x.Dims[3]), Channels()),
            26 => Transposed(Reshaped(x, x.Dims[0], c, h * x.Dims[3]), 0, 2, 1),
            27 => random.Next(3) == 0 ? Unary("LRN", Conv(x, Channels(), 1), node => node.Set("size", 3)) : Activation(x),
            28 => Unary("Dropout", Activation(x)),
            _ => Conv(Activation(Normalized(x)), Channels(), 3),
        };
    }

    private Value Conv(Value x, int channels, int kernel, int stride = 1, int group = 1)
    {
        var weight = builder.Constant(builder.Random(Math.Sqrt(1.5 * group / (x.Dims[1] * kernel * kernel)), channels, x.Dims[1] / group, kernel, kernel), "w");
        return Conv(x, weight, channels, kernel, stride, group, builder.Constant(builder.Random(0.3, channels), "b"));
    }

    private Value Conv(Value x, string weight, int channels, int kernel, int stride, int group, string bias)
    {
        int Size(int size) => (size + 2 * (kernel / 2) - kernel) / stride + 1;
        return Op("Conv", random.Next(4) > 0 ? [x.Name, weight, bias] : [x.Name, weight], [x.Dims[0], channels, Size(x.Dims[2]), Size(x.Dims[3])], node =>
        {
            node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("pads", [kernel / 2, kernel / 2, kernel / 2, kernel / 2]);
            if (group > 1 || random.Next(2) == 0) node.Set("group", group);
        });
    }

    private Value Depthwise(Value x, int multiplier) => Conv(x, x.Dims[1] * multiplier, 3, 1, x.Dims[1]);

    private Value Grouped(Value x)
    {
        var group = x.Dims[1] % 2 == 0 ? 2 : 1;
        return Activation(Conv(x, group * random.Next(2, 6), Pick(1, 3), 1, group));
    }

    private Value Upsampled(Value x)
    {
        var group = Pick(1, 1, 2, x.Dims[1]);
        if (x.Dims[1] % group != 0) group = 1;
        if (x.Dims[2] > 8) return Activation(x);
        var perGroup = group == x.Dims[1] ? Pick(1, 2) : random.Next(2, 6);
        var weight = builder.Constant(builder.Random(Math.Sqrt(1.5 * group / x.Dims[1]), x.Dims[1], perGroup, 2, 2));
        return Op("ConvTranspose", [x.Name, weight, builder.Constant(builder.Random(0.3, group * perGroup))], [x.Dims[0], group * perGroup, 2 * x.Dims[2], 2 * x.Dims[3]],
            node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]).Set("group", group));
    }

    private Value Normalized(Value x)
    {
        var c = x.Dims[1];
        string Vector(bool positive, int count) => positive
            ? builder.Constant(Tensor.Of([.. builder.Random(0.3, count).Floats().Select(v => Math.Abs(v) + 0.5f)], count))
            : builder.Constant(builder.Random(0.3, count));
        var groups = c % 4 == 0 ? 4 : c % 2 == 0 ? 2 : 1;
        return random.Next(3) switch
        {
            0 => Op("BatchNormalization", [x.Name, Vector(true, c), Vector(false, c), Vector(false, c), Vector(true, c)], x.Dims),
            1 => Op("InstanceNormalization", [x.Name, Vector(true, c), Vector(false, c)], x.Dims),
            _ when opset == 21 => Op("GroupNormalization", [x.Name, Vector(true, c), Vector(false, c)], x.Dims, node => node.Set("num_groups", groups)),
            _ => Reshaped(Op("InstanceNormalization", [Reshaped(x, x.Dims[0], groups, c / groups * x.Dims[2] * x.Dims[3]).Name, Vector(true, groups), Vector(false, groups)], []), x.Dims),
        };
    }

    private Value Residual(Value x)
    {
        var inner = Conv(Activation(Conv(x, Channels(), 3)), x.Dims[1], 3);
        return Activation(Pick(0, 1, 2) switch { 0 => Binary("Add", x, inner), 1 => Binary("Sub", inner, x), _ => Op("Sum", [x.Name, inner.Name, inner.Name], x.Dims) });
    }

    /// <summary>The parameter-free shortcut of small residual nets: every second pixel, new channels padded with zeros.</summary>
    private Value DownsampledShortcut(Value x)
    {
        if (x.Dims[2] < 4) return Residual(x);
        var c = x.Dims[1];
        var main = Conv(x, 2 * c, 3, stride: 2);
        var half = Op("Slice", [x.Name, Integers(0, 0), Integers(int.MaxValue, int.MaxValue), Integers(2, 3), Integers(2, 2)], [x.Dims[0], c, main.Dims[2], main.Dims[3]]);
        var shortcut = Op("Pad", [half.Name, Integers(0, c / 2, 0, 0, 0, c - c / 2, 0, 0)], main.Dims);
        return Activation(Binary("Add", main, shortcut));
    }

    private Value SplitAndRejoin(Value x)
    {
        var first = random.Next(1, x.Dims[1]);
        var parts = SplitInto(x, 1, first, x.Dims[1] - first);
        var changed = Activation(Conv(parts[0], random.Next(2) == 0 ? first : Channels(), 3));
        return Conv(random.Next(2) == 0 ? Joined(1, changed, parts[1]) : Joined(1, parts[1], changed), Channels(), 1);
    }

    private Value Padded(Value x)
    {
        var (before, after) = (random.Next(3), random.Next(-1, 3));
        if (x.Dims[1] < 3) after = Math.Abs(after);
        string[] inputs = [x.Name, Integers(0, before, 1, 1, 0, after, 1, 1)];
        return Conv(Op("Pad", inputs, [x.Dims[0], x.Dims[1] + before + after, x.Dims[2] + 2, x.Dims[3] + 2]), Channels(), 3, stride: 2);
    }

    private Value Permuted(Value x)
    {
        long[] order = [.. Enumerable.Range(0, x.Dims[1]).Select(i => (long)i)];
        random.Shuffle(order);
        long[] picked = order[..Math.Max(2, order.Length - random.Next(3))];
        return Op("Gather", [x.Name, Integers(picked)], [x.Dims[0], picked.Length, x.Dims[2], x.Dims[3]], node => node.Set("axis", Pick(1, -3)));
    }

    private Value Shuffled(Value x, int groups)
    {
        var (n, c, h, w) = (x.Dims[0], x.Dims[1], x.Dims[2], x.Dims[3]);
        return Conv(Reshaped(Transposed(Reshaped(x, n, groups, c / groups, h, w), 0, 2, 1, 3, 4), n, c, h, w), Channels(), 3);
    }

    private Value Gated(Value x)
    {
        var c = x.Dims[1];
        Value gate;
        if (random.Next(2) == 0) gate = Conv(Activation(Conv(Unary("GlobalAveragePool", x) with { Dims = [x.Dims[0], c, 1, 1] }, Channels(), 1)), c, 1);
        else
        {
            var dense = Dense(Activation(Dense(Pooled(x), Channels())), c);
            gate = random.Next(2) == 0 ? Unsqueezed(dense, [2, 3], [x.Dims[0], c, 1, 1]) : Reshaped(dense, x.Dims[0], c, 1, 1);
        }
        return Binary("Mul", x, Unary(Pick("Sigmoid", "HardSigmoid"), gate));
    }

    private Value Resized(Value x)
    {
        if (x.Dims[2] > 8) return Activation(x);
        int[] dims = [x.Dims[0], x.Dims[1], 2 * x.Dims[2], 2 * x.Dims[3]];
        var empty = builder.Constant(Tensor.Of(Array.Empty<float>(), 0));
        if (random.Next(3) == 0) return Op("Resize", [x.Name, empty, builder.Constant(Tensor.Of([1f, 1f, 2f, 2f], 4))], dims);
        string[] unscaled = opset >= 13 ? [x.Name, "", ""] : [x.Name, empty, empty];
        var shape = builder.Op("Shape", [x.Name]);
        var kept = builder.Op("Slice", [shape, Integers(0), Integers(2), Integers(0)]);
        var sizes = random.Next(2) == 0
            ? builder.Op("Concat", [kept, Integers(dims[2], dims[3])], node => node.Set("axis", 0))
            : builder.Op("Concat", [builder.Op("Slice", [shape, Integers(0), Integers(1), Integers(0)]), Integers(dims[1], dims[2], dims[3])], node => node.Set("axis", 0));
        return Op("Resize", [.. unscaled, sizes], dims, node => node.Set("mode", Pick("nearest", "linear")));
    }

    private Value DepthToSpace(Value x)
    {
        if (x.Dims[2] > 8) return Activation(x);
        var deep = Conv(x, 4 * random.Next(2, 4), 1);
        int[] dims = [deep.Dims[0], deep.Dims[1] / 4, 2 * deep.Dims[2], 2 * deep.Dims[3]];
        if (random.Next(2) == 0) return Op("DepthToSpace", [deep.Name], dims, node => node.Set("blocksize", 2).Set("mode", Pick("DCR", "CRD")));
        var blocks = Reshaped(deep, deep.Dims[0], dims[1], 2, 2, deep.Dims[2], deep.Dims[3]); // pixel shuffle as PyTorch exports it
        return Reshaped(Transposed(blocks, 0, 1, 4, 2, 5, 3), dims);
    }

    private Value SpaceToDepth(Value x)
    {
        if (x.Dims[2] % 2 != 0 || x.Dims[3] % 2 != 0 || x.Dims[1] > 16) return Activation(x);
        int[] dims = [x.Dims[0], 4 * x.Dims[1], x.Dims[2] / 2, x.Dims[3] / 2];
        if (random.Next(2) == 0) return Conv(Op("SpaceToDepth", [x.Name], dims, node => node.Set("blocksize", 2)), Channels(), 1);
        var blocks = Reshaped(x, x.Dims[0], x.Dims[1], dims[2], 2, dims[3], 2);
        return Conv(Reshaped(Transposed(blocks, 0, 1, 3, 5, 2, 4), dims), Channels(), 1);
    }

    private Value Pool(Value x)
    {
        if (x.Dims[2] < 4) return Unary(Pick("GlobalAveragePool", "GlobalMaxPool"), x) with { Dims = [x.Dims[0], x.Dims[1], 1, 1] };
        return Op(Pick("MaxPool", "AveragePool"), [x.Name], [x.Dims[0], x.Dims[1], x.Dims[2] / 2, x.Dims[3] / 2], node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]));
    }

    private Value ChannelsLast(Value x)
    {
        var last = Arithmetic(Transposed(x, 0, 2, 3, 1), 3);
        return Transposed(random.Next(2) == 0 ? Activation(Op("MatMul", [last.Name, builder.Constant(builder.Random(0.4, x.Dims[1], 6))], [.. last.Dims[..3], 6])) : last, 0, 3, 1, 2);
    }

    /// <summary>One convolution applied to two branches.</summary>
    private Value SharedWeights(Value x)
    {
        var (c, channels) = (x.Dims[1], Channels());
        var weight = builder.Constant(builder.Random(Math.Sqrt(1.5 / c), channels, c, 1, 1));
        var bias = builder.Constant(builder.Random(0.3, channels));
        var left = Conv(Activation(Conv(x, c, 3)), weight, channels, 1, 1, 1, bias);
        return Binary(Pick("Mul", "Add"), left, Activation(Conv(Activation(Conv(x, c, 1)), weight, channels, 1, 1, 1, bias)));
    }

    private Value SpatialGate(Value x)
    {
        var gate = random.Next(2) == 0 ? Conv(x, 1, 1) : Unsqueezed(Reduce(Pick("ReduceMean", "ReduceMax"), x, 1), [1], [x.Dims[0], 1, x.Dims[2], x.Dims[3]]);
        return Conv(Binary("Mul", x, Unary("Sigmoid", gate)), Channels(), 1);
    }

    /// <summary>A learned constant for each channel, expanded over the image.</summary>
    private Value Expanded(Value x)
    {
        var shape = random.Next(2) == 0 ? Integers(1, x.Dims[1], x.Dims[2], 1) : Integers(x.Dims[2], x.Dims[3]);
        var constant = Op("Expand", [Along(x, 1), shape], []);
        return Op("Add", [x.Name, constant.Name], x.Dims);
    }

    private Value Pooled(Value x)
    {
        int[] dims = [x.Dims[0], x.Dims[1]];
        return random.Next(4) switch
        {
            0 => Reduce("ReduceMean", x, 2, 3),
            1 => Op("Flatten", [Unary("GlobalAveragePool", x).Name], dims),
            2 => Squeezed(Unary("GlobalMaxPool", x) with { Dims = [.. dims, 1, 1] }, 2, 3),
            _ => Reshaped(Unary("GlobalAveragePool", x), dims),
        };
    }
}
