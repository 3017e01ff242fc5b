using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Graph;

/// <summary>A constant: element type, dimensions, and its values as little-endian bytes (sub-byte types packed, lowest bits first). Immutable.</summary>
public sealed class Tensor
{
    private byte[]? bytes;
    private float[]? floats;

    public Tensor(DataType type, long[] dims, byte[] raw, TensorProto? strings = null)
    {
        Type = type;
        Dims = dims;
        bytes = raw;
        Strings = strings;
    }

    private Tensor(float[] values, long[] dims)
    {
        Type = DataType.Float;
        Dims = dims;
        floats = values;
    }

    private byte[] Bytes => bytes ??= MemoryMarshal.AsBytes(floats.AsSpan()).ToArray();

    public DataType Type { get; }

    public long[] Dims { get; }

    public ReadOnlySpan<byte> Raw => Bytes;

    /// <summary>The message itself, for string tensors only: they have no bytes.</summary>
    public TensorProto? Strings { get; }

    public int Rank => Dims.Length;

    public long Count => ElementCount(Dims);

    /// <summary>Bytes of the values in a file.</summary>
    public long ByteCount => bytes?.Length ?? floats!.Length * 4L;

    public bool IsFloat => Type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    public bool IsInteger => Type is DataType.Int64 or DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint64 or DataType.Uint32 or DataType.Uint16 or DataType.Uint8;

    public static long ElementCount(ReadOnlySpan<long> dims)
    {
        var count = 1L;
        foreach (var dim in dims) count *= dim;
        return count;
    }

    /// <summary>Takes the array over: do not write into it afterwards.</summary>
    public static Tensor Of(float[] values, params long[] dims) => new(values, dims);

    public static Tensor Of(long[] values, params long[] dims) => new(DataType.Int64, dims, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static Tensor Of(int[] values, params long[] dims) => new(DataType.Int32, dims, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static Tensor Of(sbyte[] values, params long[] dims) => new(DataType.Int8, dims, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static Tensor Of(byte[] values, params long[] dims) => new(DataType.Uint8, dims, values);

    public static Tensor Scalar(float value) => Of([value]);

    /// <summary>A list of integers as a one-dimensional int64 tensor, the form of shapes and axes.</summary>
    public static Tensor List(params long[] values) => Of(values, values.Length);

    /// <summary>The values as floats, whatever number type they have. The array is shared: do not write into it.</summary>
    public float[] Floats() => floats ??= ToFloats();

    /// <summary>The values in double precision: exact for every float type.</summary>
    public double[] Doubles() => Type == DataType.Double ? MemoryMarshal.Cast<byte, double>(Bytes).ToArray() : Array.ConvertAll(Floats(), value => (double)value);

    /// <summary>The values as 64-bit integers, from any integer type.</summary>
    public long[] Integers() => Type switch
    {
        DataType.Int64 => MemoryMarshal.Cast<byte, long>(Bytes).ToArray(),
        DataType.Int32 => Convert<int, long>(),
        DataType.Int16 => Convert<short, long>(),
        DataType.Int8 => Convert<sbyte, long>(),
        DataType.Uint64 => Convert<ulong, long>(),
        DataType.Uint32 => Convert<uint, long>(),
        DataType.Uint16 => Convert<ushort, long>(),
        DataType.Uint8 or DataType.Bool => Convert<byte, long>(),
        _ => Array.ConvertAll(Floats(), value => (long)value),
    };

    /// <summary>The same values under other dimensions.</summary>
    public Tensor Reshape(params long[] dims) => floats is not null && Type == DataType.Float ? new(floats, dims) : new(Type, dims, Bytes, Strings) { floats = floats };

    /// <summary>Floats stored in this tensor's own float type (float16 stays float16).</summary>
    public Tensor WithFloats(float[] values, params long[] dims) => Type switch
    {
        DataType.Float16 => new(Type, dims, Encode<Half>(values)),
        DataType.Double => new(Type, dims, Encode<double>(values)),
        DataType.Bfloat16 => new(Type, dims, EncodeBfloat16(values)),
        _ => Of(values, dims),
    };

    /// <summary>Numbers rounded once to this tensor's own float type.</summary>
    public Tensor WithDoubles(double[] values, params long[] dims) => Type == DataType.Double
        ? new(Type, dims, MemoryMarshal.AsBytes(values.AsSpan()).ToArray())
        : WithFloats(Array.ConvertAll(values, value => (float)value), dims);

    private float[] ToFloats() => Type switch
    {
        DataType.Float => MemoryMarshal.Cast<byte, float>(Bytes).ToArray(),
        DataType.Float16 => Convert<Half, float>(),
        DataType.Double => Convert<double, float>(),
        DataType.Bfloat16 => DecodeBfloat16(),
        DataType.Int4 or DataType.Uint4 => Nibbles(),
        DataType.Uint8 or DataType.Bool => Convert<byte, float>(),
        DataType.Int8 => Convert<sbyte, float>(),
        DataType.Int16 => Convert<short, float>(),
        DataType.Int64 or DataType.Int32 or DataType.Uint64 or DataType.Uint32 or DataType.Uint16
            => Array.ConvertAll(Integers(), value => (float)value),
        _ => throw new NotSupportedException($"A tensor of {Type} has no float values."),
    };

    private float[] Nibbles()
    {
        var values = new float[Count];
        for (var i = 0; i < values.Length; i++)
        {
            var nibble = Bytes[i >> 1] >> ((i & 1) * 4) & 15;
            values[i] = Type == DataType.Int4 && nibble > 7 ? nibble - 16 : nibble;
        }
        return values;
    }

    private TTo[] Convert<TFrom, TTo>() where TFrom : unmanaged, System.Numerics.INumberBase<TFrom> where TTo : unmanaged, System.Numerics.INumberBase<TTo>
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(Bytes);
        var result = new TTo[source.Length];
        TensorPrimitives.ConvertTruncating(source, result);
        return result;
    }

    private static byte[] Encode<T>(float[] values) where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var result = new T[values.Length];
        TensorPrimitives.ConvertSaturating<float, T>(values, result);
        return MemoryMarshal.AsBytes(result.AsSpan()).ToArray();
    }

    private static byte[] EncodeBfloat16(float[] values)
    {
        var encoded = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            var rounded = float.IsNaN(values[i]) ? bits : bits + 0x7FFF + ((bits >> 16) & 1); // to nearest, ties to even
            BinaryPrimitives.WriteUInt16LittleEndian(encoded.AsSpan(2 * i), (ushort)(rounded >> 16));
        }
        return encoded;
    }

    private float[] DecodeBfloat16()
    {
        var values = new float[Bytes.Length / 2];
        for (var i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(2 * i)) << 16);
        return values;
    }
}
