using System.Runtime.InteropServices;
using Compress.Diagnostics;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Graph;

/// <summary>A tensor message, in any of its storage forms, as a <see cref="Tensor"/>.</summary>
internal static class TensorReader
{
    public static Tensor Read(TensorProto message, ExternalData external)
    {
        var type = (DataType)message.DataType;
        var dims = message.Dims.ToArray();
        if (type == DataType.String) return new Tensor(type, dims, [], message.Clone());
        if (message.DataLocation == TensorProto.Types.DataLocation.External) return new Tensor(type, dims, external.Read(message));
        if (message.HasRawData) return new Tensor(type, dims, message.RawData.ToByteArray());
        return new Tensor(type, dims, type switch
        {
            DataType.Float or DataType.Complex64 => Bytes<float>([.. message.FloatData]),
            DataType.Double or DataType.Complex128 => Bytes<double>([.. message.DoubleData]),
            DataType.Int64 => Bytes<long>([.. message.Int64Data]),
            DataType.Uint64 => Bytes<ulong>([.. message.Uint64Data]),
            DataType.Uint32 => Bytes<uint>([.. message.Uint64Data.Select(value => (uint)value)]),
            DataType.Int32 => Bytes<int>([.. message.Int32Data]),
            DataType.Int16 => Bytes<short>([.. message.Int32Data.Select(value => (short)value)]),
            DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 => Bytes<ushort>([.. message.Int32Data.Select(value => (ushort)value)]),
            _ => [.. message.Int32Data.Select(value => (byte)value)], // 8-bit types one value an entry, 4-bit types one byte an entry
        });
    }

    /// <summary>Sparse values, at linear positions [n] or coordinates [n, rank], as a dense tensor. ONNX Runtime does the same when it loads.</summary>
    public static Tensor ReadSparse(SparseTensorProto message, ExternalData external)
    {
        var name = message.Values?.Name ?? "";
        CompressionException Invalid(string why) => Codes.SparseInvalid(external.ModelPath, name, why).Error();

        if (message.Values is null || message.Indices is null) throw Invalid("it has no values or no indices");
        var (values, indices, dims) = (Read(message.Values, external), Read(message.Indices, external), message.Dims.ToArray());
        var rank = indices.Rank == 1 ? 1 : dims.Length;
        var positions = indices.Integers();
        if (TensorBits.Of(values.Type) is not { } bits || bits % 8 != 0) throw Invalid($"its type is {values.Type}");
        if (positions.Length != values.Count * rank || values.ByteCount != values.Count * bits / 8) throw Invalid("the number of values is not that of the indices");

        var (count, size) = (Tensor.ElementCount(dims), bits / 8);
        if (count < 0 || count * size > Array.MaxLength) throw Codes.TensorTooLarge(external.ModelPath, name, count * size).Error();
        var bytes = new byte[count * size];
        for (var i = 0; i < values.Count; i++)
        {
            var at = indices.Rank == 1 ? positions[i] : dims.Select((dim, axis) => (dim, axis)).Aggregate(0L, (sum, d) => sum * d.dim + positions[i * rank + d.axis]);
            if (at < 0 || at >= count) throw Invalid($"a value is at {at} of {count}");
            values.Raw.Slice(i * size, size).CopyTo(bytes.AsSpan((int)at * size));
        }
        return new Tensor(values.Type, dims, bytes);
    }

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
