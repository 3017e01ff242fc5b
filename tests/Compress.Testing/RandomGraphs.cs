using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing;

/// <summary>
/// Small random models from a seed, made of the building blocks of real ones: residual chains, depthwise and grouped convolutions, squeeze-and-excite gates,
/// concatenation and splits, shuffles, attention, recurrent layers, in the forms that opsets 11 to 21 have. The same seed gives the same bytes.
/// </summary>
public sealed partial class RandomGraphs
{
    private const int Batch = 2;

    private readonly Random random;
    private readonly ModelBuilder builder;
    private readonly int opset;
    private readonly List<Value> outputs = [];

    /// <summary>A value under construction, with the dimensions it will have.</summary>
    private sealed record Value(string Name, params int[] Dims);

    private readonly bool wide;

    private RandomGraphs(int seed, bool wide)
    {
        this.wide = wide;
        random = new Random(seed);
        opset = Pick(11, 13, 17, 18, 21);
        builder = new ModelBuilder(seed, opset);
    }

    /// <summary>A model and a feed for it. Inputs have a dynamic batch axis.</summary>
    /// <param name="wide">Also with what is seldom: control flow, quantized islands, other float types.</param>
    public static (OnnxModel Model, IReadOnlyDictionary<string, Tensor> Feed) Make(int seed, bool wide = false)
    {
        var graphs = new RandomGraphs(seed, wide);
        var feed = graphs.Build();
        return (graphs.builder.Build(), feed);
    }

    private IReadOnlyDictionary<string, Tensor> Build()
    {
        var (start, feed) = Start();
        var value = start;
        for (var blocks = random.Next(3, 8); blocks > 0; blocks--)
        {
            if (wide && random.Next(3) == 0) value = Wide(value);
            value = value.Dims.Length switch { 4 => Image(value), 3 => Sequence(value), _ => Vector(value) };
            if (random.Next(14) == 0) outputs.Add(value);
        }
        if (random.Next(4) > 0) value = Head(value);
        outputs.Add(value);
        builder.Output([.. outputs.Select(output => output.Name).Distinct()]);
        return feed;
    }

    private (Value Start, IReadOnlyDictionary<string, Tensor> Feed) Start()
    {
        int[] dims = random.Next(5) switch
        {
            0 => [Batch, random.Next(4, 9)],
            1 => [Batch, random.Next(3, 6), 2 * random.Next(2, 5)],
            _ => [Batch, random.Next(1, 4), 8, 8],
        };
        if (dims.Length == 3 && random.Next(2) == 0) return Tokens(dims);
        builder.Input("x", [-1, .. dims.Skip(1).Select(d => (long)d)]);
        var x = new Value("x", dims);
        var feed = new Dictionary<string, Tensor> { ["x"] = builder.Random(1, [.. dims.Select(d => (long)d)]) };
        // What comes from an input can't be cut: a first layer makes channels of our own.
        return (dims.Length switch { 4 => Conv(x, Channels(), 3), 3 => Dense(x, Channels()), _ => Dense(x, Channels()) }, feed);
    }

    private (Value Start, IReadOnlyDictionary<string, Tensor> Feed) Tokens(int[] dims)
    {
        builder.Input("ids", DataType.Int64, -1, dims[1]);
        var width = Channels();
        var embedded = Op("Gather", [builder.Constant(builder.Random(1, 20, width)), "ids"], [.. dims[..2], width]);
        long[] ids = [.. Enumerable.Range(0, dims[0] * dims[1]).Select(_ => (long)random.Next(20))];
        return (embedded, new Dictionary<string, Tensor> { ["ids"] = Tensor.Of(ids, dims[0], dims[1]) });
    }

    private Value Head(Value value) => value.Dims.Length switch
    {
        4 => Dense(Pooled(value), 3),
        3 => Dense(Reduce("ReduceMean", value, 1), 3),
        _ => Dense(value, 3),
    };

    private int Channels() => 2 * random.Next(2, 7);

    private T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private Value Op(string op, string[] inputs, int[] dims, Action<Node>? set = null) => new(builder.Op(op, inputs, set), dims);

    private Value Unary(string op, Value x, Action<Node>? set = null) => Op(op, [x.Name], x.Dims, set);

    private Value Binary(string op, Value a, Value b) => Op(op, [a.Name, b.Name], [.. a.Dims.Zip(b.Dims, Math.Max)]);

    private Value Activation(Value x) => Unary(Pick("Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Elu", "Softplus"), x);

    /// <summary>A constant that broadcasts against x: one number for each position of one axis.</summary>
    private string Along(Value x, int axis, bool positive = false)
    {
        var dims = Enumerable.Repeat(1L, x.Dims.Length - axis).ToArray();
        dims[0] = x.Dims[axis];
        var values = builder.Random(0.5, dims);
        return builder.Constant(positive ? Tensor.Of([.. values.Floats().Select(v => Math.Abs(v) + 0.5f)], dims) : values);
    }

    private string Integers(params long[] values) => builder.Constant(Tensor.List(values));

    private Value Arithmetic(Value x, int axis)
    {
        var op = Pick("Add", "Sub", "Mul", "Div", "PRelu");
        return Op(op, [x.Name, Along(x, axis, positive: op == "Div")], x.Dims);
    }

    private Value Reduce(string op, Value x, params int[] axes)
    {
        var keeps = random.Next(2);
        int[] dims = [.. x.Dims.Select((d, i) => axes.Contains(i) ? 1 : d)];
        long[] listed = [.. axes.Select(axis => (long)Pick(axis, axis - x.Dims.Length))];
        var asInput = opset >= (op == "ReduceSum" ? 13 : 18);
        var reduced = Op(op, asInput ? [x.Name, Integers(listed)] : [x.Name], dims, node =>
        {
            node.Set("keepdims", keeps);
            if (!asInput) node.Set("axes", listed);
        });
        return keeps == 1 ? Squeezed(reduced, axes) : reduced with { Dims = [.. x.Dims.Where((_, i) => !axes.Contains(i))] };
    }

    private Value Squeezed(Value x, params int[] axes) => Axes("Squeeze", x, axes, [.. x.Dims.Where((_, i) => !axes.Contains(i))]);

    private Value Unsqueezed(Value x, int[] axes, int[] dims) => Axes("Unsqueeze", x, axes, dims);

    private Value Axes(string op, Value x, int[] axes, int[] dims)
    {
        long[] listed = [.. axes.Select(axis => (long)axis)];
        return opset >= 13 ? Op(op, [x.Name, Integers(listed)], dims) : Op(op, [x.Name], dims, node => node.Set("axes", listed));
    }

    private Value Transposed(Value x, params int[] order) => Op("Transpose", [x.Name], [.. order.Select(axis => x.Dims[axis])], node => node.Set("perm", [.. order.Select(axis => (long)axis)]));

    /// <summary>Reshape with a constant shape, or one that the graph computes from the value's own size.</summary>
    private Value Reshaped(Value x, params int[] dims)
    {
        long[] target = [.. dims.Select(d => (long)d)];
        if (random.Next(2) == 0)
        {
            target[0] = 0;
            if (random.Next(2) == 0) target[random.Next(1, dims.Length)] = -1;
            return Op("Reshape", [x.Name, Integers(target)], dims);
        }
        var shape = builder.Op("Shape", [x.Name]);
        var batch = Axes("Unsqueeze", Op("Gather", [shape, builder.Constant(Tensor.Of([0L]))], []), [0], [1]);
        var rest = target.Skip(1).Select(d => Integers(d)).ToArray();
        return Op("Reshape", [x.Name, builder.Op("Concat", [batch.Name, .. rest], node => node.Set("axis", 0))], dims);
    }

    private Value[] SplitInto(Value x, int axis, params int[] sizes)
    {
        long[] listed = [.. sizes.Select(size => (long)size)];
        var equal = sizes.Distinct().Count() == 1;
        string[] inputs = opset >= 13 && !(equal && random.Next(2) == 0) ? [x.Name, Integers(listed)] : [x.Name];
        var first = builder.Op("Split", inputs, node =>
        {
            node.Set("axis", axis);
            if (opset < 13 && !equal) node.Set("split", listed);
            if (opset >= 18 && inputs.Length == 1) node.Set("num_outputs", sizes.Length);
        }, sizes.Length);
        var node = builder.Graph.Nodes[^1];
        return [.. sizes.Select((size, i) => new Value(node.Outputs[i], [.. x.Dims.Select((d, a) => a == axis ? size : d)]))];
    }

    private Value Joined(int axis, params Value[] parts) =>
        Op("Concat", [.. parts.Select(part => part.Name)], [.. parts[0].Dims.Select((d, i) => i == axis ? parts.Sum(part => part.Dims[axis]) : d)], node => node.Set("axis", axis));

    private Value Sliced(Value x, int axis, int start, int end) =>
        Op("Slice", [x.Name, Integers(start), Integers(random.Next(2) == 0 && end == x.Dims[axis] ? int.MaxValue : end), Integers(axis)], [.. x.Dims.Select((d, i) => i == axis ? end - start : d)]);

    /// <summary>Dense over the last axis: Gemm for matrices, MatMul or Einsum with a bias for more.</summary>
    private Value Dense(Value x, int width)
    {
        var (inner, rank) = (x.Dims[^1], x.Dims.Length);
        var deviation = Math.Sqrt(1.5 / inner);
        int[] dims = [.. x.Dims[..^1], width];
        var bias = builder.Constant(builder.Random(0.3, width));
        if (rank == 2 && random.Next(3) > 0)
        {
            var transposed = random.Next(2);
            var weight = builder.Constant(transposed == 1 ? builder.Random(deviation, width, inner) : builder.Random(deviation, inner, width));
            return Op("Gemm", random.Next(3) > 0 ? [x.Name, weight, bias] : [x.Name, weight], dims, node => node.Set("transB", transposed));
        }
        var kernel = builder.Constant(builder.Random(deviation, inner, width));
        var product = opset >= 12 && rank == 3 && random.Next(5) == 0
            ? Op("Einsum", [x.Name, kernel], dims, node => node.Set("equation", "bsi,io->bso"))
            : Op("MatMul", [x.Name, kernel], dims);
        return random.Next(4) > 0 ? Op("Add", [product.Name, bias], dims) : product;
    }
}
