using Compress.Diagnostics;
using Onnx;

namespace Compress.Graph;

/// <summary>A graph message as an <see cref="OnnxGraph"/> and back, for the graph of a model and for sub-graphs alike.</summary>
internal static class GraphMessages
{
    /// <summary>
    /// Constant nodes and sparse constants become dense constants, at any depth; a sub-graph keeps the Constant node of an output.
    /// Shapes of inner values, annotations and documentation are not kept: they go stale with the first edit.
    /// </summary>
    public static OnnxGraph Read(GraphProto message, ExternalData external, bool inner = true)
    {
        var constants = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        void Define(string name, Tensor tensor)
        {
            if (!constants.TryAdd(name, tensor)) throw Codes.ValueTwice(external.ModelPath, name).Error();
        }

        foreach (var initializer in message.Initializer) Define(initializer.Name, TensorReader.Read(initializer, external));
        foreach (var sparse in message.SparseInitializer) Define(sparse.Values?.Name ?? "", TensorReader.ReadSparse(sparse, external));

        var kept = inner ? message.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal) : [];
        var nodes = new List<Node>(message.Node.Count);
        foreach (var nodeMessage in message.Node)
        {
            var node = ReadNode(nodeMessage, external);
            if (node.Is("Constant") && node.Outputs.Count == 1 && !kept.Contains(node.Output) && ConstantValue(node, external) is { } value) Define(node.Output, value);
            else nodes.Add(node);
        }
        var graph = new OnnxGraph
        {
            Name = message.Name,
            Nodes = nodes,
            Constants = constants,
            Inputs = [.. message.Input.Where(input => inner || !constants.ContainsKey(input.Name))],
            Outputs = [.. message.Output],
        };
        TopologicalOrder.Apply(graph);
        return graph;
    }

    public static Node ReadNode(NodeProto message, ExternalData external)
    {
        var node = new Node(message.OpType, message.Input, message.Output, message.Name, message.Domain) { Overload = message.Overload };
        foreach (var attribute in message.Attribute)
        {
            node.Attributes[attribute.Name] = attribute;
            if (attribute.G is { } graph) attribute.G = Write(Read(graph, external));
            for (var i = 0; i < attribute.Graphs.Count; i++) attribute.Graphs[i] = Write(Read(attribute.Graphs[i], external));
        }
        return node;
    }

    /// <summary>Constants in ordinal order, so that the same graph gives the same message.</summary>
    public static GraphProto Write(OnnxGraph graph, Func<string, Tensor, TensorProto>? constant = null)
    {
        var message = new GraphProto { Name = graph.Name };
        foreach (var node in graph.Nodes) message.Node.Add(OnnxWriter.ToProto(node));
        foreach (var (name, tensor) in graph.Constants.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            message.Initializer.Add((constant ?? OnnxWriter.ToProto)(name, tensor));
        message.Input.AddRange(graph.Inputs);
        message.Output.AddRange(graph.Outputs);
        return message;
    }

    private static Tensor? ConstantValue(Node node, ExternalData external)
    {
        var (name, attribute) = node.Attributes.FirstOrDefault();
        if (attribute is null || attribute.RefAttrName.Length > 0) return null; // the value of a function's parameter
        return name switch
        {
            "value" when attribute.T is { } tensor => TensorReader.Read(tensor, external),
            "sparse_value" when attribute.SparseTensor is { } sparse => TensorReader.ReadSparse(sparse, external),
            "value_float" => Tensor.Scalar(attribute.F),
            "value_floats" => Tensor.Of([.. attribute.Floats], attribute.Floats.Count),
            "value_int" => Tensor.Of([attribute.I]),
            "value_ints" => Tensor.List([.. attribute.Ints]),
            _ => null, // strings stay nodes
        };
    }
}
