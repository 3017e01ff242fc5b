using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>Values of a graph in blocks of channels, each made once however many read it.</summary>
/// <param name="dims">Dimensions of the floats that may be brought into blocks, or made there.</param>
internal sealed class BlockedValues(BlockWriter writer, OnnxGraph graph, IReadOnlyDictionary<string, long[]> dims)
{
    /// <summary>What gives the same in any layout, if all that it reads has that layout or is one number.</summary>
    private static readonly HashSet<string> Elementwise = ["Relu", "Clip", "Add", "Sub", "Mul", "Div", "Neg", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Cast", "Equal", "Greater", "Less", "And", "Or", "Not"];

    /// <summary>The name that a value has in blocks.</summary>
    private readonly Dictionary<string, string> blocked = new(StringComparer.Ordinal);

    /// <summary>The dimensions that they have without, for some batch. Where channels fill no block, zeros do.</summary>
    private readonly Dictionary<string, long[]> sizes = new(StringComparer.Ordinal);

    /// <summary>Those that are masks.</summary>
    private readonly HashSet<string> notFloat = new(StringComparer.Ordinal);

    /// <summary>Values that were asked for in blocks → their name there.</summary>
    public Dictionary<string, string> Others { get; } = new(StringComparer.Ordinal);

    /// <summary>A value [N, C, …] in blocks.</summary>
    public string Blocked(string value)
    {
        if (blocked.TryGetValue(value, out var known)) return known;
        var channels = dims[value][1];
        // The kernel moves four channels at a time.
        var source = channels % 4 == 0 ? value : writer.Filled(value, dims[value], [dims[value][0], writer.Padded(channels), .. dims[value][2..]]);
        sizes[value] = dims[value];
        return blocked[value] = writer.InBlocks(source);
    }

    /// <summary>Says that a value was made in blocks; its own name is given to what it is without.</summary>
    /// <param name="size">Its dimensions, where they are known.</param>
    public void Made(string value, string inBlocks, long channels, long[]? size)
    {
        if (size is not null) (blocked[value], sizes[value]) = (inBlocks, size);
        writer.FromBlocks(inBlocks, value, channels);
    }

    /// <summary>
    /// Computes in blocks what can be computed there. Either form of a value is written, and the one that nobody reads is removed with all others in the end.
    /// </summary>
    public bool Follow(Node node)
    {
        if (IsInBlocks(node))
        {
            Others[node.Output] = Blocked(node.Inputs[0]);
            return true;
        }
        if (IsFromBlocks(node))
        {
            Made(node.Output, node.Inputs[0], node.Int("channels"), dims[node.Output]);
            return true;
        }
        if (node.Domain == OwnOperators.Domain) return OwnOperators.IsElementwise(node) && FollowElementwise(node, OwnOperators.Values(node));
        if (node.Domain.Length > 0 || node.Outputs.Count != 1) return false;
        if (node.Op == "MaxPool") return FollowPooling(node);
        return Elementwise.Contains(node.Op) && FollowElementwise(node, [.. node.Inputs.Where(input => input.Length > 0 && !IsNumber(input))]);
    }

    /// <summary>ONNX Runtime has a pooling over blocks as well.</summary>
    private bool FollowPooling(Node node)
    {
        if (!sizes.ContainsKey(node.Inputs[0]) || notFloat.Contains(node.Inputs[0])) return false;
        var made = new Node("MaxPool", [blocked[node.Inputs[0]]], [writer.Fresh(node.Output + ".blocks")], domain: ChannelBlock.Domain);
        foreach (var (name, attribute) in node.Attributes) made.Attributes[name] = attribute;
        writer.Nodes.Add(made);
        Made(node.Output, made.Output, sizes[node.Inputs[0]][1], dims[node.Output]);
        return true;
    }

    /// <param name="read">What it reads value by value: all the same size. So is its first output.</param>
    private bool FollowElementwise(Node node, string[] read)
    {
        if (read.FirstOrDefault(sizes.ContainsKey) is not { } first || !read.All(input => HasSize(input, sizes[first]))) return false;
        var (made, size) = (node.Clone(), sizes[first]);
        if (size[1] % writer.Block != 0 && !KeepsZeros(node, read)) return false;
        for (var i = 0; i < made.Inputs.Count; i++) made.Inputs[i] = read.Contains(made.Inputs[i]) ? Blocked(made.Inputs[i]) : made.Inputs[i];
        (made.Name, made.Outputs[0]) = ("", writer.Fresh(node.Output + ".blocks"));
        if (OwnOperators.Places(made) is { } places)
        {
            // Who reads them does so here: what is in blocks has a gradient there.
            notFloat.Add(places);
            (blocked[places], sizes[places]) = (places, size);
        }
        writer.Nodes.Add(made);
        if (GivesFloat(node, read)) Made(node.Output, made.Output, size[1], size);
        else
        {
            notFloat.Add(node.Output);
            (blocked[node.Output], sizes[node.Output]) = (made.Output, size);
            writer.Nodes.Add(node); // only floats have a way back
        }
        return true;
    }

    /// <summary>Operators whose operands may lie in different layouts.</summary>
    public static bool IsOfTwo(Node node) => node.Domain == OwnOperators.Domain ? OwnOperators.IsElementwise(node) && OwnOperators.Values(node).Length == 2 : node.Domain.Length == 0 && node.Op is "Add" or "Sub" or "Mul" or "Div";

    /// <summary>Whether zeros that fill a block give zeros.</summary>
    private bool KeepsZeros(Node node, string[] read) => node.Domain == OwnOperators.Domain
        ? graph.Constant(node.Inputs[2])?.Floats() is [<= 0, >= 0, <= 0, >= 0]
        : node.Op is "Relu" or "Neg" or "Mul" || (node.Op is "Add" or "Sub" && read.Length == 2);

    /// <summary>What asks for a value in blocks.</summary>
    public static bool IsInBlocks(Node node) => node.Op == OwnOperators.InBlocks && node.Domain == OwnOperators.Domain;

    /// <summary>What gives a value back from blocks.</summary>
    public static bool IsFromBlocks(Node node) => node.Op == "ReorderOutput" && node.Domain == ChannelBlock.Domain;

    /// <summary>Whether a value is in blocks or may be brought there.</summary>
    private bool HasSize(string value, long[] size) => (sizes.GetValueOrDefault(value) ?? dims.GetValueOrDefault(value))?.SequenceEqual(size) == true;

    private bool GivesFloat(Node node, string[] read) => node.Op switch
    {
        "Cast" => node.Int("to") == (int)DataType.Float,
        "Equal" or "Greater" or "Less" or "And" or "Or" or "Not" => false,
        _ => node.Domain == OwnOperators.Domain || !read.Any(notFloat.Contains),
    };

    private bool IsNumber(string value) =>
        graph.Constant(value) is { Count: 1, Rank: <= 4 } || graph.Inputs.Any(input => input.Name == value && input.Type?.TensorType?.Shape is { Dim.Count: <= 4 } shape && shape.Dim.All(dim => dim.DimValue == 1));
}
