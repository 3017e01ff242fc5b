using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Data;

/// <summary>One element type that data files may hold: its code in npy and in IDX headers (0: IDX has none), and its size in bytes.</summary>
internal sealed record ElementType(DataType Type, string Npy, byte Idx, int Size);

internal static class ElementTypes
{
    public static readonly IReadOnlyList<ElementType> All =
    [
        new(DataType.Bool, "b1", 0, 1),
        new(DataType.Uint8, "u1", 0x08, 1),
        new(DataType.Int8, "i1", 0x09, 1),
        new(DataType.Uint16, "u2", 0, 2),
        new(DataType.Int16, "i2", 0x0B, 2),
        new(DataType.Uint32, "u4", 0, 4),
        new(DataType.Int32, "i4", 0x0C, 4),
        new(DataType.Uint64, "u8", 0, 8),
        new(DataType.Int64, "i8", 0, 8),
        new(DataType.Float16, "f2", 0, 2),
        new(DataType.Float, "f4", 0x0D, 4),
        new(DataType.Double, "f8", 0x0E, 8),
    ];

    /// <summary>By the npy code without its byte order, "u1" or "f4"; null when unsupported.</summary>
    public static ElementType? OfNpy(string code) => All.FirstOrDefault(row => row.Npy == code);

    public static ElementType? OfIdx(byte code) => All.FirstOrDefault(row => row.Idx == code && code != 0);

    public static ElementType? Of(DataType type) => All.FirstOrDefault(row => row.Type == type);
}
