using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Operators that take parts, or put parts together.</summary>
internal static class Slicing
{
    public static void Concat(GradientScope s, Node n)
    {
        if (n.Inputs.Count == 1)
        {
            s.Add(n.Inputs[0], s.Gradient(n.Output)!);
            return;
        }
        var axis = (int)n.Int("axis");
        if (axis < 0) axis += s.Rank(n.Output);
        if (axis == 0 && !s.IsFixed(n.Output)) throw GradientRules.Refuse(n, "it joins along the batch");
        long[] sizes = [.. n.Inputs.Select(input => s.Dims(input)[axis])];
        var parts = s.Outputs("Split", [s.Gradient(n.Output)!, s.List(sizes)], sizes.Length, node => node.Set("axis", axis));
        for (var i = 0; i < parts.Length; i++) s.Add(n.Inputs[i], parts[i]);
    }

    public static void Split(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Op("Concat", [.. n.Outputs.Select(s.GradientOrZeros)], node => node.Set("axis", n.Int("axis"))));

    /// <summary>Zeros where nothing was taken. With steps, zeros go in between first; a negative step is a flipped positive one.</summary>
    public static void Slice(GradientScope s, Node n)
    {
        var (x, rank, g) = (n.Inputs[0], s.Rank(n.Inputs[0]), s.Gradient(n.Output)!);
        var starts = Numbers(s, n, 1);
        var axes = n.Input(3).Length > 0 ? Numbers(s, n, 3) : [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = n.Input(4).Length > 0 ? Numbers(s, n, 4) : [.. starts.Select(_ => 1L)];
        var pads = new long[2 * rank];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = (int)(axes[i] < 0 ? axes[i] + rank : axes[i]);
            var (size, count, step) = (s.Dims(x)[axis], s.Dims(n.Output)[axis], steps[i]);
            if (count == size && step == 1) continue;
            if (axis == 0 && !s.IsFixed(x)) throw GradientRules.Refuse(n, "it takes a part of the batch");
            var start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, step > 0 ? size : size - 1);
            if (step < 0)
            {
                g = Flip(s, g, axis);
                start += (count - 1) * step;
                step = -step;
            }
            if (step > 1) g = Spread(s, g, s.Dims(n.Output), axis, step, [.. axes.Take(i).Select((a, j) => (int)(a < 0 ? a + rank : a))], steps);
            pads[axis] = start;
            pads[rank + axis] = size - start - (count * step);
        }
        s.Add(x, s.Op("Pad", [g, s.List(pads)]));
    }

    public static void Pad(GradientScope s, Node n)
    {
        var (mode, rank) = (n.Text("mode", "constant"), s.Rank(n.Inputs[0]));
        if (mode != "constant") throw GradientRules.Refuse(n, $"it pads in mode {mode}");
        var given = Numbers(s, n, 1);
        var axes = n.Input(3).Length > 0 ? Numbers(s, n, 3) : [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        var pads = new long[2 * rank];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            (pads[axis], pads[rank + axis]) = (-given[i], -given[i + axes.Length]);
        }
        s.Add(n.Inputs[0], s.Op("Pad", [s.Gradient(n.Output)!, s.List(pads)])); // negative pads crop
    }

    /// <summary>Adds each slice's gradient where the slice was taken (ScatterND, opset 18).</summary>
    public static void Gather(GradientScope s, Node n)
    {
        var (data, indices, g) = (n.Inputs[0], n.Inputs[1], s.Gradient(n.Output)!);
        var (rank, indexRank) = (s.Rank(data), s.Rank(indices));
        var axis = (int)n.Int("axis");
        if (axis < 0) axis += rank;
        if (axis > 0) g = s.Transpose(g, [.. Range(axis, indexRank), .. Range(0, axis), .. Range(axis + indexRank, rank - 1 - axis)]);
        long[] front = [axis, .. Range(0, axis), .. Range(axis + 1, rank - 1 - axis)];
        var shape = s.Op("Gather", [s.Op("Shape", [data]), s.List(front)]);
        var zeros = s.Op("ConstantOfShape", [shape]);
        var places = s.Op("Cast", [indices], node => node.Set("to", (long)Onnx.TensorProto.Types.DataType.Int64)); // int32 is no type of ScatterND's
        var sum = s.Op("ScatterND", [zeros, s.Op("Unsqueeze", [places, s.List(-1)]), g], node => node.Set("reduction", "add"));
        s.Add(data, axis == 0 ? sum : s.Transpose(sum, [.. Range(0, rank).Select(a => (long)Array.IndexOf(front, a))]));
    }

    private static long[] Numbers(GradientScope s, Node n, int input) =>
        (s.Constant(n.Input(input)) ?? throw GradientRules.Refuse(n, "what it takes is computed")).Integers();

    private static IEnumerable<long> Range(int start, int count) => Enumerable.Range(start, count).Select(axis => (long)axis);

    private static string Flip(GradientScope s, string value, int axis) =>
        s.Op("Slice", [value, s.List(-1), s.List(long.MinValue), s.List(axis), s.List(-1)]);

    /// <summary>Puts step − 1 zeros behind each position of an axis; the axes in <paramref name="done"/> have been spread before.</summary>
    private static string Spread(GradientScope s, string value, long[] dims, int axis, long step, int[] done, long[] steps)
    {
        var wide = s.Op("Unsqueeze", [value, s.List(axis + 1)]);
        var pads = new long[2 * (dims.Length + 1)];
        pads[dims.Length + 1 + axis + 1] = step - 1;
        var shape = dims.Select((dim, a) => Array.IndexOf(done, a) is >= 0 and var i ? dim * Math.Abs(steps[i]) : dim).ToArray();
        shape[axis] *= step;
        if (axis > 0) shape[0] = 0; // the batch, as it comes
        return s.Reshape(s.Op("Pad", [wide, s.List(pads)]), shape);
    }
}
