using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Graph;

/// <summary>
/// Ranks and element types of values as far as the graph itself tells, without running it. Taken in one pass over the nodes;
/// a sub-graph also knows what the graph around it knows.
/// </summary>
public sealed class ValueTypes
{
    private readonly OnnxGraph graph;
    private readonly ValueTypes? outer;
    private readonly Dictionary<string, int> ranks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lengths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DataType> elements = new(StringComparer.Ordinal);

    private ValueTypes(OnnxGraph graph, ValueTypes? outer)
    {
        (this.graph, this.outer) = (graph, outer);
        foreach (var (name, tensor) in graph.Constants)
        {
            ranks[name] = tensor.Rank;
            elements[name] = tensor.Type;
            if (tensor.Rank == 1) lengths[name] = (int)tensor.Count;
        }
        foreach (var value in graph.Inputs.Concat(graph.Outputs)) Declare(value);
        foreach (var node in graph.Nodes) Infer(node);
    }

    public static ValueTypes Of(OnnxGraph graph, ValueTypes? outer = null) => new(graph, outer);

    /// <summary>The number of dimensions; null when unknown.</summary>
    public int? Rank(string value) => ranks.TryGetValue(value, out var rank) ? rank : outer?.Rank(value);

    /// <summary>The number of elements of a one-dimensional value, such as a shape; null when unknown.</summary>
    public int? Length(string value) => lengths.TryGetValue(value, out var length) ? length : outer?.Length(value);

    /// <summary>The element type; undefined when unknown.</summary>
    public DataType Type(string value) => elements.TryGetValue(value, out var type) ? type : outer?.Type(value) ?? DataType.Undefined;

    /// <summary>The value itself, where it is a constant.</summary>
    public Tensor? Constant(string value) => graph.Constant(value) ?? outer?.Constant(value);

    private void Declare(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } type) return;
        if (type.HasElemType && type.ElemType != 0) elements.TryAdd(value.Name, (DataType)type.ElemType);
        if (type.Shape is { } shape) ranks.TryAdd(value.Name, shape.Dim.Count);
    }

    private void Infer(Node node)
    {
        var (rank, length, type) = (TypeRules.Rank(node, this), TypeRules.Length(node, this), TypeRules.Type(node, this));
        foreach (var output in TypeRules.Alike.Contains(node.Op) ? node.Outputs : [.. node.Outputs.Take(1)])
        {
            if (output.Length == 0) continue;
            if (rank is { } r) ranks.TryAdd(output, r);
            if (length is { } l) lengths.TryAdd(output, l);
            if (type != DataType.Undefined) elements.TryAdd(output, type);
        }
    }
}
