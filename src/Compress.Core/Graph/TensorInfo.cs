using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Graph;

/// <summary>Inputs and outputs of a graph as ONNX declares them.</summary>
internal static class TensorInfo
{
    /// <param name="open">The name of a dimension that is not fixed, by its axis; null: it is.</param>
    public static ValueInfoProto Of(string name, DataType type, IReadOnlyList<long> dims, Func<int, string?>? open = null)
    {
        var shape = new TensorShapeProto();
        for (var axis = 0; axis < dims.Count; axis++)
            shape.Dim.Add(open?.Invoke(axis) is { } symbol ? new TensorShapeProto.Types.Dimension { DimParam = symbol } : new TensorShapeProto.Types.Dimension { DimValue = dims[axis] });
        return new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
