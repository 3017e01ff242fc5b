using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Graph;

/// <summary>How many bits an element of each type takes in a file; types under 8 bits are packed (ONNX: TensorProto).</summary>
public static class TensorBits
{
    private static readonly Dictionary<DataType, int> Bits = new()
    {
        [DataType.Bool] = 8,
        [DataType.Int2] = 2,
        [DataType.Uint2] = 2,
        [DataType.Int4] = 4,
        [DataType.Uint4] = 4,
        [DataType.Float4E2M1] = 4,
        [DataType.Int8] = 8,
        [DataType.Uint8] = 8,
        [DataType.Float8E4M3Fn] = 8,
        [DataType.Float8E4M3Fnuz] = 8,
        [DataType.Float8E5M2] = 8,
        [DataType.Float8E5M2Fnuz] = 8,
        [DataType.Float8E8M0] = 8,
        [DataType.Int16] = 16,
        [DataType.Uint16] = 16,
        [DataType.Float16] = 16,
        [DataType.Bfloat16] = 16,
        [DataType.Int32] = 32,
        [DataType.Uint32] = 32,
        [DataType.Float] = 32,
        [DataType.Int64] = 64,
        [DataType.Uint64] = 64,
        [DataType.Double] = 64,
        [DataType.Complex64] = 64,
        [DataType.Complex128] = 128,
    };

    /// <summary>Bits of one element; null for strings and for types this version does not know.</summary>
    public static int? Of(DataType type) => Bits.TryGetValue(type, out var bits) ? bits : null;

    /// <summary>Bytes of a whole tensor, the last one filled up; null as above.</summary>
    public static long? Bytes(DataType type, ReadOnlySpan<long> dims) => Of(type) is { } bits ? (Tensor.ElementCount(dims) * bits + 7) / 8 : null;
}
