using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Integer parameters of a node, which older opsets hold in attributes and newer ones in inputs.</summary>
internal static class Parameters
{
    /// <summary>Null when the parameter is absent or computed while the model runs.</summary>
    public static long[]? Ints(OnnxGraph graph, Node node, string attribute, int slot) =>
        node.Ints(attribute) ?? graph.Constant(node.Input(slot))?.Integers();

    /// <summary>Writes the parameter where the node already has it; as a new constant input unless it is an attribute.</summary>
    public static void Set(OnnxGraph graph, Node node, string attribute, int slot, long[] values)
    {
        if (node.Attributes.ContainsKey(attribute)) node.Set(attribute, values);
        else SetInput(graph, node, slot, graph.Constant(node.Input(slot)) is { Type: Onnx.TensorProto.Types.DataType.Int32 } old
            ? Tensor.Of(Array.ConvertAll(values, value => (int)value), old.Dims)
            : Tensor.Of(values, graph.Constant(node.Input(slot))?.Dims ?? [values.Length]));
    }

    /// <summary>Gives one input of one node a constant of its own: others that read the old one keep it.</summary>
    public static void SetInput(OnnxGraph graph, Node node, int slot, Tensor value)
    {
        while (node.Inputs.Count <= slot) node.Inputs.Add("");
        var name = $"{node.Outputs.First(output => output.Length > 0)}_{slot}";
        while (graph.Constants.ContainsKey(name)) name += "_";
        graph.Constants[name] = value;
        node.Inputs[slot] = name;
    }
}
