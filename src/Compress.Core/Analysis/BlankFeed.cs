using Compress.Graph;

namespace Compress.Analysis;

/// <summary>Zeros for every input, open dimensions taken as one: good for shapes, never for values.</summary>
public static class BlankFeed
{
    public static IReadOnlyDictionary<string, Tensor> For(OnnxModel model) =>
        model.Graph.Inputs.Where(input => input.Type?.TensorType is not null).ToDictionary(input => input.Name, input =>
        {
            var type = (Onnx.TensorProto.Types.DataType)input.Type.TensorType.ElemType;
            var dims = (input.Type.TensorType.Shape?.Dim ?? []).Select(dim => dim.HasDimValue && dim.DimValue > 0 ? dim.DimValue : 1).ToArray();
            return new Tensor(type, dims, new byte[Tensor.ElementCount(dims) * ElementBytes(type)]);
        });

    private static int ElementBytes(Onnx.TensorProto.Types.DataType type) => type.ToString() switch
    {
        "Double" or "Int64" or "Uint64" => 8,
        "Float" or "Int32" or "Uint32" => 4,
        "Float16" or "Bfloat16" or "Int16" or "Uint16" => 2,
        _ => 1,
    };
}
