using Compress.Graph;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Data;

/// <summary>What a model wants at one input: its name, element type and dimensions (-1: dynamic).</summary>
public sealed record ModelInput(string Name, DataType Type, long[] Dims)
{
    /// <summary>False when the model declares no shape at all: any data will do.</summary>
    public bool HasShape { get; init; } = true;

    public int Rank => Dims.Length;

    public bool IsFloat => Type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    /// <summary>The inputs that must be fed, in the graph's order. An input that is no tensor gets the type Undefined.</summary>
    public static IReadOnlyList<ModelInput> Of(OnnxGraph graph) =>
        [.. graph.Inputs.Select(input => Of(input.Name, input.Type?.TensorType))];

    public override string ToString() => $"{Type.ToString().ToLowerInvariant()} {Shapes.Text(Dims)}";

    private static ModelInput Of(string name, TypeProto.Types.Tensor? type) =>
        new(name, (DataType)(type?.ElemType ?? 0), [.. (type?.Shape?.Dim ?? []).Select(Size)]) { HasShape = type?.Shape is not null };

    // Some exporters write a dynamic dimension as the value 0 or -1.
    private static long Size(TensorShapeProto.Types.Dimension dim) => dim.HasDimValue && dim.DimValue > 0 ? dim.DimValue : -1;
}
