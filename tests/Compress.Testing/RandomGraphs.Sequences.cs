using Compress.Graph;

namespace Compress.Testing;

/// <summary>Blocks over [N, S, E] and [N, C].</summary>
public sealed partial class RandomGraphs
{
    private Value Sequence(Value x) => random.Next(11) switch
    {
        0 => Activation(Dense(x, Channels())),
        1 or 2 => FeedForward(x),
        3 => LayerNorm(x),
        4 or 5 => Attention(x),
        6 or 7 => RecurrentLayer(x),
        8 => Arithmetic(x, 2),
        9 => Dense(Reduce(Pick("ReduceMean", "ReduceSum", "ReduceMax"), x, 1), Channels()),
        _ => GatedUnits(x),
    };

    private Value Vector(Value x) => random.Next(7) switch
    {
        0 or 1 => Activation(Dense(x, Channels())),
        2 => Binary("Add", x, Dense(Activation(Dense(x, Channels())), x.Dims[1])),
        3 => GatedUnits(x),
        4 => Arithmetic(x, 1),
        5 => Dense(Joined(1, Activation(Dense(x, Channels())), x), Channels()),
        _ => Dense(Unary("Softmax", Dense(x, Channels()), node => node.Set("axis", 1)), Channels()),
    };

    private Value FeedForward(Value x)
    {
        var hidden = Dense(x, Channels());
        var active = random.Next(2) == 0 ? Gelu(hidden) : Activation(hidden);
        return Binary("Add", x, Dense(active, x.Dims[2]));
    }

    private Value Gelu(Value x)
    {
        var error = Unary("Erf", Op("Div", [x.Name, builder.Constant(Tensor.Scalar(1.4142135f))], x.Dims));
        var half = Op("Mul", [x.Name, builder.Constant(Tensor.Scalar(0.5f))], x.Dims);
        return Binary("Mul", half, Op("Add", [error.Name, builder.Constant(Tensor.Scalar(1f))], x.Dims));
    }

    private Value GatedUnits(Value x)
    {
        var width = Channels();
        var halves = SplitInto(Dense(x, 2 * width), x.Dims.Length - 1, width, width);
        return Dense(Binary("Mul", halves[0], Unary("Sigmoid", halves[1])), Channels());
    }

    private Value LayerNorm(Value x)
    {
        if (opset >= 17) return Op("LayerNormalization", [x.Name, Along(x, 2, positive: true), Along(x, 2)], x.Dims);
        var mean = Reduce("ReduceMean", x, 2);
        var centred = Binary("Sub", x, Unsqueezed(mean, [2], [.. x.Dims[..2], 1]));
        return Op("Mul", [centred.Name, Along(x, 2)], x.Dims);
    }

    private Value Attention(Value x)
    {
        var (n, s, heads, size) = (x.Dims[0], x.Dims[1], random.Next(2, 5), random.Next(2, 4));
        var (q, k, v) = random.Next(3) switch
        {
            0 => (Heads(Dense(x, heads * size)), Heads(Dense(x, heads * size)), Heads(Dense(x, heads * size))),
            1 => SplitInto(Dense(x, 3 * heads * size), 2, heads * size, heads * size, heads * size) is [var a, var b, var c] ? (Heads(a), Heads(b), Heads(c)) : default,
            _ => Packed(),
        };
        var scores = Op("MatMul", [q.Name, Transposed(k, 0, 1, 3, 2).Name], [n, heads, s, s]);
        var scaled = Op("Div", [scores.Name, builder.Constant(Tensor.Scalar(MathF.Sqrt(size)))], scores.Dims);
        if (random.Next(2) == 0) scaled = Op("Add", [scaled.Name, builder.Constant(builder.Random(0.5, 1, heads, s, s))], scores.Dims); // learned position bias
        var mixed = Op("MatMul", [Op("Softmax", [scaled.Name], scores.Dims, node => node.Set("axis", opset >= 13 ? -1 : 3)).Name, v.Name], [n, heads, s, size]);
        return Binary("Add", x, Dense(Reshaped(Transposed(mixed, 0, 2, 1, 3), n, s, heads * size), x.Dims[2]));

        Value Heads(Value value) => Transposed(Reshaped(value, n, s, heads, size), 0, 2, 1, 3);

        (Value, Value, Value) Packed()
        {
            var all = Transposed(Reshaped(Dense(x, 3 * heads * size), n, s, 3, heads, size), 2, 0, 3, 1, 4);
            Value Part(long i) => Op("Gather", [all.Name, builder.Constant(Tensor.Of([i]))], [n, heads, s, size], node => node.Set("axis", 0));
            return (Part(0), Part(1), Part(2));
        }
    }

    private Value RecurrentLayer(Value x)
    {
        var (op, gates) = Pick(("LSTM", 4), ("GRU", 3), ("RNN", 1));
        var (n, s, e, hidden, directions) = (x.Dims[0], x.Dims[1], x.Dims[2], random.Next(2, 7), Pick(1, 1, 2));
        var w = builder.Constant(builder.Random(0.5, directions, gates * hidden, e));
        var r = builder.Constant(builder.Random(0.5, directions, gates * hidden, hidden));
        List<string> inputs = [Transposed(x, 1, 0, 2).Name, w, r, random.Next(4) > 0 ? builder.Constant(builder.Random(0.3, directions, 2 * gates * hidden)) : ""];
        if (random.Next(3) == 0) inputs.AddRange(["", builder.Constant(builder.Random(0.5, directions, n, hidden))]);
        builder.Op(op, [.. inputs], node =>
        {
            node.Set("hidden_size", hidden).Set("direction", directions == 2 ? "bidirectional" : "forward");
            if (op == "GRU") node.Set("linear_before_reset", random.Next(2));
        }, outputs: 2);
        var (all, last) = (builder.Graph.Nodes[^1].Outputs[0], builder.Graph.Nodes[^1].Outputs[1]);
        if (random.Next(3) == 0)
        {
            var states = Transposed(new Value(last, directions, n, hidden), 1, 0, 2);
            return Dense(Reshaped(states, n, directions * hidden), Channels());
        }
        var sequence = directions == 1
            ? Squeezed(new Value(all, s, 1, n, hidden), 1)
            : Op("Reshape", [Transposed(new Value(all, s, 2, n, hidden), 0, 2, 1, 3).Name, Integers(0, 0, -1)], [s, n, 2 * hidden]);
        return Transposed(sequence, 1, 0, 2);
    }
}
