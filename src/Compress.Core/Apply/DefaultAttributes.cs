using Compress.Graph;
using Onnx;

namespace Compress.Apply;

/// <summary>Attributes that say what would hold without them: an exporter writes them all, a reader needs none.</summary>
public static class DefaultAttributes
{
    private static readonly Func<AttributeProto, bool> Ones = a => a.Ints.All(i => i == 1), Zeros = a => a.Ints.All(i => i == 0), One = a => a.I == 1, Zero = a => a.I == 0;
    private static readonly Func<AttributeProto, bool> Unit = a => a.F == 1, NotSet = a => a.S.ToStringUtf8() == "NOTSET";

    /// <summary>ONNX: Conv 1–22, pooling 1–22, Gemm 7–13.</summary>
    private static readonly Dictionary<(string Op, string Attribute), Func<AttributeProto, bool>> Table = new()
    {
        [("Conv", "auto_pad")] = NotSet,
        [("Conv", "dilations")] = Ones,
        [("Conv", "group")] = One,
        [("Conv", "pads")] = Zeros,
        [("Conv", "strides")] = Ones,
        [("Conv", "kernel_shape")] = _ => true, // the weights have it
        [("QLinearConv", "auto_pad")] = NotSet,
        [("QLinearConv", "dilations")] = Ones,
        [("QLinearConv", "group")] = One,
        [("QLinearConv", "pads")] = Zeros,
        [("QLinearConv", "strides")] = Ones,
        [("QLinearConv", "kernel_shape")] = _ => true,
        [("MaxPool", "auto_pad")] = NotSet,
        [("MaxPool", "ceil_mode")] = Zero,
        [("MaxPool", "dilations")] = Ones,
        [("MaxPool", "pads")] = Zeros,
        [("MaxPool", "storage_order")] = Zero,
        [("AveragePool", "auto_pad")] = NotSet,
        [("AveragePool", "ceil_mode")] = Zero,
        [("AveragePool", "count_include_pad")] = Zero,
        [("AveragePool", "pads")] = Zeros,
        [("Gemm", "alpha")] = Unit,
        [("Gemm", "beta")] = Unit,
        [("Gemm", "transA")] = Zero,
        [("Gemm", "transB")] = Zero,
    };

    public static void Remove(OnnxGraph graph)
    {
        foreach (var node in graph.Nodes.Where(node => node.Domain.Length == 0))
            foreach (var name in node.Attributes.Keys.ToArray())
                if (Table.TryGetValue((node.Op, name), out var isDefault) && isDefault(node.Attributes[name])) node.Attributes.Remove(name);
    }
}
