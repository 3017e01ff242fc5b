using Compress.Graph;
using Compress.Runtime;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>Values of a graph in blocks of channels, each made once however many read it.</summary>
/// <param name="dims">Dimensions of the floats that convolutions read, and operators that have two operands.</param>
internal sealed class BlockedValues(BlockWriter writer, OnnxGraph graph, IReadOnlyDictionary<string, long[]> dims)
{
    /// <summary>What gives the same in any layout, if all that it reads has that layout or is one number.</summary>
    private static readonly HashSet<string> Elementwise = ["Relu", "Clip", "Add", "Sub", "Mul", "Div", "Neg", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Cast", "DequantizeLinear", "QuantizeLinear", "Equal", "Greater", "Less", "And", "Or", "Not"];

    private readonly GraphIndex index = GraphIndex.Of(graph);

    /// <summary>The name that a value has in blocks.</summary>
    private readonly Dictionary<string, string> blocked = new(StringComparer.Ordinal);

    /// <summary>Those of them whose blocks are full, with dimensions that they have for some batch: their numbers are the value's, in another order.</summary>
    private readonly Dictionary<string, long[]> whole = new(StringComparer.Ordinal);

    /// <summary>Those that are codes or masks.</summary>
    private readonly HashSet<string> notFloat = new(StringComparer.Ordinal);

    /// <summary>A value [N, C, …] in blocks.</summary>
    public string Blocked(string value)
    {
        if (blocked.TryGetValue(value, out var known)) return known;
        if ((dims[value][0] == 1 && SameInBlocks(value, dims[value][1], dims[value]) is { } same ? writer.Reshape(same, dims[value]) : SamplesInBlocks(value)) is { } found) return blocked[value] = found;
        var channels = dims[value][1];
        // The kernel moves four channels at a time.
        var source = channels % 4 == 0 ? value : writer.Filled(value, dims[value], [dims[value][0], writer.Padded(channels), .. dims[value][2..]]);
        if (channels % writer.Block == 0) whole[value] = dims[value];
        return blocked[value] = writer.InBlocks(source);
    }

    /// <summary>Says that a value was made in blocks; its own name is given to what it is without.</summary>
    /// <param name="size">Its dimensions, where they are known.</param>
    public void Made(string value, string inBlocks, long channels, long[]? size)
    {
        if (channels % writer.Block == 0 && size is not null) (blocked[value], whole[value]) = (inBlocks, size);
        writer.FromBlocks(inBlocks, value, channels);
    }

    /// <summary>
    /// Computes in blocks what can be computed there. Either form of a value is written, and the one that nobody reads is removed with all others in the end.
    /// </summary>
    public bool Follow(Node node)
    {
        if (node.Domain == OwnOperators.Domain) return FollowElementwise(node, OwnOperators.Values(node));
        if (node.Domain.Length > 0 || node.Outputs.Count != 1) return false;
        if (node.Op == "Gemm") return FollowDot(node);
        if (node.Op == "ReduceSum") return FollowSum(node);
        if (node.Op == "Transpose") return FollowChannelsLast(node);
        return Elementwise.Contains(node.Op) && FollowElementwise(node, [.. node.Inputs.Where(input => input.Length > 0 && !IsNumber(input))]);
    }

    /// <param name="read">What it reads value by value: all the same size. So is its first output.</param>
    private bool FollowElementwise(Node node, string[] read)
    {
        if (read.FirstOrDefault(whole.ContainsKey) is not { } first || !read.All(input => HasSize(input, whole[first]))) return false;
        var (made, size) = (node.Clone(), whole[first]);
        for (var i = 0; i < made.Inputs.Count; i++) made.Inputs[i] = read.Contains(made.Inputs[i]) ? Blocked(made.Inputs[i]) : made.Inputs[i];
        (made.Name, made.Outputs[0]) = ("", writer.Fresh(node.Output + ".blocks"));
        writer.Nodes.Add(made);
        if (GivesFloat(node, read)) Made(node.Output, made.Output, size[1], size);
        else
        {
            notFloat.Add(node.Output);
            (blocked[node.Output], whole[node.Output]) = (made.Output, size);
            writer.Nodes.Add(node); // only floats have a way back
        }
        return true;
    }

    /// <summary>Operators whose operands may lie in different layouts.</summary>
    public static bool IsOfTwo(Node node) => node.Domain == OwnOperators.Domain ? OwnOperators.Values(node).Length == 2 : node.Domain.Length == 0 && node.Op is "Add" or "Sub" or "Mul" or "Div";

    /// <summary>Whether a value is in blocks or may be brought there.</summary>
    private bool HasSize(string value, long[] size) => (whole.GetValueOrDefault(value) ?? dims.GetValueOrDefault(value))?.SequenceEqual(size) == true;

    private bool GivesFloat(Node node, string[] read) => node.Op switch
    {
        "DequantizeLinear" => true,
        "Cast" => node.Int("to") == (int)DataType.Float,
        "QuantizeLinear" or "Equal" or "Greater" or "Less" or "And" or "Or" or "Not" => false,
        _ => !read.Any(notFloat.Contains),
    };

    /// <summary>Σ a·b, as a product of a row and a column: in any order of both.</summary>
    private bool FollowDot(Node node)
    {
        var sources = node.Inputs.Select(input => index.Producer(input) is { Op: "Reshape" } flat && graph.Constant(flat.Inputs[1])?.Integers() is [1, -1] && whole.ContainsKey(flat.Inputs[0]) ? flat.Inputs[0] : null).ToList();
        if (sources is not [{ } a, { } b] || node.Int("transB") == 0 || !whole[a].SequenceEqual(whole[b])) return false;
        var made = node.Clone();
        (made.Inputs[0], made.Inputs[1]) = (writer.Reshape(blocked[a], 1, -1), writer.Reshape(blocked[b], 1, -1));
        writer.Nodes.Add(made);
        return true;
    }

    /// <summary>The sum for each channel: over positions, then over samples.</summary>
    private bool FollowSum(Node node)
    {
        if (!whole.TryGetValue(node.Inputs[0], out var size) || node.Int("keepdims", 1) != 0 || node.Inputs.Count < 2 || graph.Constant(node.Inputs[1])?.Integers() is not [0, 2, 3]) return false;
        var positions = writer.Op("ReduceSum", [writer.Reshape(blocked[node.Inputs[0]], 0, size[1] / writer.Block, -1, writer.Block), writer.List([2])], set: sum => sum.Set("keepdims", 0));
        writer.Nodes.Add(new Node("ReduceSum", [writer.Reshape(positions, 0, size[1]), writer.List([0])], [node.Output]).Set("keepdims", 0));
        return true;
    }

    /// <summary>[N, C, h, w] → [N, h, w, C]: whole blocks move.</summary>
    private bool FollowChannelsLast(Node node)
    {
        if (node.Ints("perm") is not [0, 2, 3, 1] || !whole.TryGetValue(node.Inputs[0], out var size)) return false;
        var moved = writer.Moved(writer.Reshape(blocked[node.Inputs[0]], 0, size[1] / writer.Block, -1, writer.Block), 0, 2, 1, 3);
        writer.Nodes.Add(new Node("Reshape", [moved, writer.List([0, size[2], size[3], size[1]])], [node.Output]));
        return true;
    }

    /// <summary>What a value is with its first two axes exchanged, if a node has done that.</summary>
    public string? Turned(string value) => index.Producer(value) is { Op: "Transpose", Domain: "" } turn && turn.Ints("perm") is [1, 0, 2, 3] && dims.ContainsKey(turn.Inputs[0]) ? turn.Inputs[0] : null;

    /// <summary>
    /// Samples [N, C, h, w] that were reshaped to one image [1, N·C, h, w], or to weights [N·C, 1, h, w]: blocks lie in memory as [N, C/b, h, w, b] = [1, N·C/b, h, w, b], so it is
    /// the same in blocks. Null: it is no such value.
    /// </summary>
    /// <param name="channels">N·C.</param>
    /// <param name="to">The value's dimensions.</param>
    public string? SameInBlocks(string value, long channels, long[] to) =>
        index.Producer(value) is { Op: "Reshape" } flat && graph.Constants.ContainsKey(flat.Inputs[1]) && whole.TryGetValue(flat.Inputs[0], out var size)
        && size[0] > 1 && size[0] * size[1] == channels && size[2] == to[2] && size[3] == to[3] ? blocked[flat.Inputs[0]] : null;

    /// <summary>
    /// Samples [N, C, h, w] that were turned to [C, N, h, w] and padded, in blocks of samples. Each block is made as if samples were the channels of one image, and padded
    /// when whole blocks lie together: rows of single numbers take twice the time. Null: it is no such value.
    /// </summary>
    private string? SamplesInBlocks(string value)
    {
        var pad = index.Producer(value) is { Op: "Pad" } found ? found : null;
        if (Turned(pad?.Inputs[0] ?? value) is not { } samples || dims[samples] is not [var count, var channels, var height, var width] || count % writer.Block != 0) return null;
        if (pad is not null && (pad.Attributes.Count > 0 || pad.Inputs.Count > 2 || graph.Constant(pad.Inputs[1])?.Integers() is not [0, 0, _, _, 0, 0, _, _])) return null;
        var pads = pad is null ? new long[8] : graph.Constants[pad.Inputs[1]].Integers();
        var blocks = count / writer.Block;
        var made = writer.Reshape(writer.InBlocks(writer.Reshape(samples, 1, count, channels * height, width)), blocks, channels, height, width, writer.Block);
        if (blocks > 1) made = writer.Moved(made, 1, 0, 2, 3, 4);
        made = writer.Reshape(made, channels * blocks, height, width, writer.Block);
        if (pads.Any(size => size != 0)) made = writer.Op("Pad", [made, writer.List([0, pads[2], pads[3], 0, 0, pads[6], pads[7], 0])]);
        return writer.Reshape(made, channels, count, height + pads[2] + pads[6], width + pads[3] + pads[7]);
    }

    private bool IsNumber(string value) =>
        graph.Constant(value) is { Count: 1, Rank: <= 4 } || graph.Inputs.Any(input => input.Name == value && input.Type?.TensorType?.Shape is { Dim.Count: <= 4 } shape && shape.Dim.All(dim => dim.DimValue == 1));
}
