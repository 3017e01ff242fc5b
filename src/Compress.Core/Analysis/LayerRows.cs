using Compress.Graph;
using Compress.Runtime;

namespace Compress.Analysis;

/// <summary>A layer's geometry for one pair of input and output: how output positions become rows of a least-squares problem.</summary>
internal sealed class LayerRows
{
    private readonly Layer layer;
    private readonly long[] weightDims;

    private LayerRows(Layer layer, long[] weightDims)
    {
        this.layer = layer;
        this.weightDims = weightDims;
    }

    /// <summary>Inputs of one row: channels of a group × kernel.</summary>
    public int Columns { get; private init; }

    /// <summary>Targets of one row, of one group.</summary>
    public int Targets { get; private init; }

    public int Groups { get; private init; }

    /// <summary>Null when the layer's form has no rows: three-dimensional kernels, transposed convolutions whose patches overlap.</summary>
    public static LayerRows? Of(Layer layer, Tensor weight, long[] input, long[] output)
    {
        var dims = weight.Dims;
        if (layer.Kind == LayerKind.Dense)
        {
            var transposed = layer.Node.Int("transB") != 0;
            return new(layer, dims) { Columns = (int)dims[transposed ? 1 : 0], Targets = (int)dims[transposed ? 0 : 1], Groups = 1 };
        }
        var spatial = dims.Length - 2;
        if (spatial is < 1 or > 2 || input.Length != dims.Length) return null;
        var kernel = dims.AsSpan(2).ToArray();
        var strides = layer.Node.Ints("strides") ?? [.. Enumerable.Repeat(1L, spatial)];
        var dilations = layer.Node.Ints("dilations") ?? [.. Enumerable.Repeat(1L, spatial)];
        var pads = Pads(layer.Node, kernel, strides, dilations, input, output);
        if (layer.Kind == LayerKind.ConvTranspose)
        {
            var plain = pads.All(pad => pad == 0) && kernel.SequenceEqual(strides) && dilations.All(d => d == 1) && (layer.Node.Ints("output_padding")?.All(p => p == 0) ?? true)
                && Enumerable.Range(2, spatial).All(axis => output[axis] == input[axis] * strides[axis - 2]); // else pads follow from output_shape
            return plain ? new LayerRows(layer, dims)
            {
                Columns = (int)dims[0] / layer.Group,
                Targets = (int)(dims[1] * Tensor.ElementCount(kernel)),
                Groups = layer.Group,
                KernelHeight = spatial == 2 ? (int)kernel[0] : 1,
                KernelWidth = (int)kernel[^1],
            } : null;
        }
        return new LayerRows(layer, dims)
        {
            Columns = (int)Tensor.ElementCount(dims.AsSpan(1)),
            Targets = (int)dims[0] / layer.Group,
            Groups = layer.Group,
            KernelHeight = spatial == 2 ? (int)kernel[0] : 1,
            KernelWidth = (int)kernel[^1],
            StrideHeight = spatial == 2 ? (int)strides[0] : 1,
            StrideWidth = (int)strides[^1],
            DilationHeight = spatial == 2 ? (int)dilations[0] : 1,
            DilationWidth = (int)dilations[^1],
            PadTop = spatial == 2 ? (int)pads[0] : 0,
            PadLeft = (int)pads[spatial - 1],
        };
    }

    private int KernelHeight { get; init; } = 1;

    private int KernelWidth { get; init; } = 1;

    private int StrideHeight { get; init; } = 1;

    private int StrideWidth { get; init; } = 1;

    private int DilationHeight { get; init; } = 1;

    private int DilationWidth { get; init; } = 1;

    private int PadTop { get; init; }

    private int PadLeft { get; init; }

    /// <summary>Rows in one pair of tensors.</summary>
    public int Count(long[] input, long[] output) => layer.Kind switch
    {
        LayerKind.Dense => (int)(Tensor.ElementCount(input) / input[^1]),
        LayerKind.ConvTranspose => (int)(input[0] * Tensor.ElementCount(input.AsSpan(2))),
        _ => (int)(output[0] * Tensor.ElementCount(output.AsSpan(2))),
    };

    /// <summary>Whether an input and a target are of the same rows: boxes that a compressed model finds may be fewer than the float model's, or more.</summary>
    public bool Match(Tensor input, Tensor output) =>
        layer.Kind == LayerKind.Dense ? input.Count / Columns == output.Count / Targets : input.Dims[0] == output.Dims[0];

    /// <summary>Fills x [rows, Columns] and y [rows, Targets] of one group with the rows first, first + step, …</summary>
    public int Fill(Tensor input, Tensor output, int group, int first, int step, float[] x, float[] y)
    {
        var total = Count(input.Dims, output.Dims);
        var rows = (total - first + step - 1) / step;
        if (rows <= 0) return 0;
        var (source, target) = (input.Floats(), output.Floats());
        Parallel.For(0, rows, Concurrent.Fine, row =>
        {
            var position = first + (row * step);
            var into = x.AsSpan(row * Columns, Columns);
            var goal = y.AsSpan(row * Targets, Targets);
            switch (layer.Kind)
            {
                case LayerKind.Dense:
                    source.AsSpan(position * Columns, Columns).CopyTo(into);
                    target.AsSpan(position * Targets, Targets).CopyTo(goal);
                    break;
                case LayerKind.ConvTranspose:
                    FillTransposed(input, source, output, target, group, position, into, goal);
                    break;
                default:
                    FillConv(input, source, output, target, group, position, into, goal);
                    break;
            }
        });
        return rows;
    }

    private void FillConv(Tensor input, float[] source, Tensor output, float[] target, int group, int position, Span<float> x, Span<float> y)
    {
        var (height, width) = Plane(input.Dims);
        var (outHeight, outWidth) = Plane(output.Dims);
        var (image, place) = Math.DivRem(position, outHeight * outWidth);
        var (row, column) = Math.DivRem(place, outWidth);
        var channels = (int)weightDims[1];
        var at = 0;
        for (var c = 0; c < channels; c++)
        {
            var plane = ((image * (int)input.Dims[1]) + (group * channels) + c) * height * width;
            for (var i = 0; i < KernelHeight; i++)
            {
                var sourceRow = (row * StrideHeight) - PadTop + (i * DilationHeight);
                for (var j = 0; j < KernelWidth; j++, at++)
                {
                    var sourceColumn = (column * StrideWidth) - PadLeft + (j * DilationWidth);
                    x[at] = (uint)sourceRow < (uint)height && (uint)sourceColumn < (uint)width ? source[plane + (sourceRow * width) + sourceColumn] : 0;
                }
            }
        }
        for (var t = 0; t < Targets; t++) y[t] = target[((((image * (int)output.Dims[1]) + (group * Targets) + t) * outHeight) + row) * outWidth + column];
    }

    private void FillTransposed(Tensor input, float[] source, Tensor output, float[] target, int group, int position, Span<float> x, Span<float> y)
    {
        var (height, width) = Plane(input.Dims);
        var (outHeight, outWidth) = Plane(output.Dims);
        var (image, place) = Math.DivRem(position, height * width);
        var (row, column) = Math.DivRem(place, width);
        for (var c = 0; c < Columns; c++) x[c] = source[((image * (int)input.Dims[1]) + (group * Columns) + c) * height * width + place];
        var outs = (int)weightDims[1];
        var at = 0;
        for (var o = 0; o < outs; o++)
            for (var i = 0; i < KernelHeight; i++)
                for (var j = 0; j < KernelWidth; j++, at++)
                    y[at] = target[(((image * (int)output.Dims[1]) + (group * outs) + o) * outHeight + (row * KernelHeight) + i) * outWidth + (column * KernelWidth) + j];
    }

    private static (int Height, int Width) Plane(long[] dims) => dims.Length == 4 ? ((int)dims[2], (int)dims[3]) : (1, (int)dims[2]);

    /// <summary>Begin and end pads; auto_pad is worked out from the observed sizes.</summary>
    private static long[] Pads(Node node, long[] kernel, long[] strides, long[] dilations, long[] input, long[] output)
    {
        var spatial = kernel.Length;
        var mode = node.Text("auto_pad", "NOTSET");
        if (mode is "NOTSET") return node.Ints("pads") ?? new long[2 * spatial];
        var pads = new long[2 * spatial];
        if (mode is "VALID") return pads;
        for (var d = 0; d < spatial; d++)
        {
            var total = Math.Max(0, ((output[d + 2] - 1) * strides[d]) + ((kernel[d] - 1) * dilations[d]) + 1 - input[d + 2]);
            pads[d] = mode == "SAME_LOWER" ? total - (total / 2) : total / 2;
            pads[d + spatial] = total - pads[d];
        }
        return pads;
    }
}
