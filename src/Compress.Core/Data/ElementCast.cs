using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DataType = Onnx.TensorProto.Types.DataType;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Data;

/// <summary>Values in a model's own element type. A value that the type can't hold is an error of the data, never rounded or cut off.</summary>
internal static class ElementCast
{
    private static readonly Dictionary<DataType, (decimal Min, decimal Max, Func<long[], byte[]> Bytes)> Integers = new()
    {
        [DataType.Bool] = (0, 1, Bytes<byte>),
        [DataType.Uint8] = (byte.MinValue, byte.MaxValue, Bytes<byte>),
        [DataType.Int8] = (sbyte.MinValue, sbyte.MaxValue, Bytes<sbyte>),
        [DataType.Uint16] = (ushort.MinValue, ushort.MaxValue, Bytes<ushort>),
        [DataType.Int16] = (short.MinValue, short.MaxValue, Bytes<short>),
        [DataType.Uint32] = (uint.MinValue, uint.MaxValue, Bytes<uint>),
        [DataType.Int32] = (int.MinValue, int.MaxValue, Bytes<int>),
        [DataType.Uint64] = (0, long.MaxValue, Bytes<long>),
        [DataType.Int64] = (long.MinValue, long.MaxValue, Bytes<long>),
    };

    /// <summary>Whether tensors of this type can be made.</summary>
    public static bool IsSupported(DataType type) => Integers.ContainsKey(type) || type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    /// <param name="refuse">Called with the place of the first value that does not fit, and the value; gives the error.</param>
    public static Tensor To(DataType type, Tensor tensor, Func<long, string, Exception> refuse)
    {
        if (tensor.Type == type) return tensor;
        return Integers.TryGetValue(type, out var range)
            ? new Tensor(type, tensor.Dims, range.Bytes(Whole(tensor, (long)range.Min, (long)range.Max, refuse)))
            : Float(type, tensor, refuse);
    }

    private static Tensor Float(DataType type, Tensor tensor, Func<long, string, Exception> refuse)
    {
        var form = new Tensor(type, [], []);
        if (type == DataType.Double) return form.WithDoubles(tensor.IsFloat ? tensor.Doubles() : Array.ConvertAll(tensor.Integers(), value => (double)value), tensor.Dims);
        var values = tensor.Floats();
        if (type == DataType.Float16)
            for (var i = 0; i < values.Length; i++)
                if (float.IsFinite(values[i]) && !Half.IsFinite((Half)values[i])) throw refuse(i, $"{values[i]}");
        return form.WithFloats(values, tensor.Dims);
    }

    private static long[] Whole(Tensor tensor, long min, long max, Func<long, string, Exception> refuse)
    {
        if (tensor.IsFloat)
        {
            var numbers = tensor.Doubles();
            for (var i = 0; i < numbers.Length; i++)
                if (!(numbers[i] >= min && numbers[i] <= max && numbers[i] < long.MaxValue && numbers[i] == Math.Floor(numbers[i]))) throw refuse(i, $"{numbers[i]}");
            return Array.ConvertAll(numbers, value => (long)value);
        }
        var values = tensor.Integers();
        for (var i = 0; i < values.Length; i++)
            if (values[i] < min || values[i] > max || (tensor.Type == DataType.Uint64 && values[i] < 0))
                throw refuse(i, tensor.Type == DataType.Uint64 ? $"{(ulong)values[i]}" : $"{values[i]}");
        return values;
    }

    private static byte[] Bytes<T>(long[] values) where T : unmanaged, INumberBase<T>
    {
        var result = new T[values.Length];
        TensorPrimitives.ConvertTruncating(values, result);
        return MemoryMarshal.AsBytes(result.AsSpan()).ToArray();
    }
}
