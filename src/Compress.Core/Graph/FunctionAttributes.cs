using Onnx;

namespace Compress.Graph;

/// <summary>Attributes inside a function's body that stand for attributes of the call (ONNX: ref_attr_name).</summary>
internal static class FunctionAttributes
{
    /// <summary>A copy of a node of the body with the call's values, else the function's defaults; an attribute that has neither is left out.</summary>
    public static NodeProto Bind(NodeProto node, Node call, FunctionProto function)
    {
        var copy = node.Clone();
        copy.Attribute.Clear();
        foreach (var attribute in node.Attribute)
        {
            if ((attribute.RefAttrName.Length > 0 ? Value(attribute, call, function) : attribute.Clone()) is not { } bound) continue;
            if (bound.G is { } one) bound.G = Bind(one, call, function);
            for (var i = 0; i < bound.Graphs.Count; i++) bound.Graphs[i] = Bind(bound.Graphs[i], call, function);
            copy.Attribute.Add(bound);
        }
        return copy;
    }

    private static GraphProto Bind(GraphProto graph, Node call, FunctionProto function)
    {
        var copy = graph.Clone();
        for (var i = 0; i < copy.Node.Count; i++) copy.Node[i] = Bind(copy.Node[i], call, function);
        return copy;
    }

    private static AttributeProto? Value(AttributeProto attribute, Node call, FunctionProto function)
    {
        var value = call.Attributes.GetValueOrDefault(attribute.RefAttrName) ?? function.AttributeProto.FirstOrDefault(known => known.Name == attribute.RefAttrName);
        if (value is null) return null;
        var copy = value.Clone();
        copy.Name = attribute.Name;
        return copy;
    }
}
