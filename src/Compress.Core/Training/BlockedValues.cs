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
        if (IsInBlocks(node))
        {
            writer.Nodes.Add(new Node("Identity", [Blocked(node.Inputs[0])], [node.Output]));
            return true;
        }
        if (node.Domain == OwnOperators.Domain) return OwnOperators.IsElementwise(node) && FollowElementwise(node, OwnOperators.Values(node));
        if (node.Domain.Length > 0 || node.Outputs.Count != 1) return false;
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
    public static bool IsOfTwo(Node node) => node.Domain == OwnOperators.Domain ? OwnOperators.IsElementwise(node) && OwnOperators.Values(node).Length == 2 : node.Domain.Length == 0 && node.Op is "Add" or "Sub" or "Mul" or "Div";

    /// <summary>What asks for a value in blocks.</summary>
    public static bool IsInBlocks(Node node) => node.Op == OwnOperators.InBlocks && node.Domain == OwnOperators.Domain;

    /// <summary>Whether a value is in blocks or may be brought there.</summary>
    private bool HasSize(string value, long[] size) => (whole.GetValueOrDefault(value) ?? dims.GetValueOrDefault(value))?.SequenceEqual(size) == true;

    private bool GivesFloat(Node node, string[] read) => node.Op switch
    {
        "DequantizeLinear" => true,
        "Cast" => node.Int("to") == (int)DataType.Float,
        "QuantizeLinear" or "Equal" or "Greater" or "Less" or "And" or "Or" or "Not" => false,
        _ => !read.Any(notFloat.Contains),
    };

    private bool IsNumber(string value) =>
        graph.Constant(value) is { Count: 1, Rank: <= 4 } || graph.Inputs.Any(input => input.Name == value && input.Type?.TensorType?.Shape is { Dim.Count: <= 4 } shape && shape.Dim.All(dim => dim.DimValue == 1));
}
