using System.IO.Compression;
using System.Text;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing;

/// <summary>Writes npy and npz files as NumPy does, for tests.</summary>
public static class NpzWriter
{
    private static readonly Dictionary<DataType, string> Codes = new()
    {
        [DataType.Bool] = "|b1", [DataType.Uint8] = "|u1", [DataType.Int8] = "|i1", [DataType.Uint16] = "<u2", [DataType.Int16] = "<i2",
        [DataType.Uint32] = "<u4", [DataType.Int32] = "<i4", [DataType.Uint64] = "<u8", [DataType.Int64] = "<i8",
        [DataType.Float16] = "<f2", [DataType.Float] = "<f4", [DataType.Double] = "<f8",
    };

    /// <summary>The bytes of an npy file.</summary>
    /// <param name="version">1, 2 or 3.</param>
    /// <param name="code">NumPy's code of the element type; null: the tensor's own.</param>
    public static byte[] Npy(Tensor tensor, int version = 1, string? code = null, bool fortran = false) =>
        [.. NpyHeader(code ?? Codes[tensor.Type], tensor.Dims, version, fortran), .. tensor.Raw];

    /// <summary>The header alone, for values that are written or made up otherwise.</summary>
    public static byte[] NpyHeader(string code, long[] dims, int version = 1, bool fortran = false)
    {
        var shape = dims.Length == 1 ? $"{dims[0]}," : string.Join(", ", dims);
        var text = $"{{'descr': '{code}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}";
        var prefix = version == 1 ? 10 : 12;
        text = text.PadRight((prefix + text.Length + 64) / 64 * 64 - prefix - 1) + "\n";
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes((uint)text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. Encoding.UTF8.GetBytes(text)];
    }

    /// <summary>An npz file; members deflated, or stored.</summary>
    public static void Write(string path, bool deflated, params (string Name, Tensor Values)[] arrays)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, values) in arrays)
        {
            using var member = zip.CreateEntry(name + ".npy", deflated ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
            member.Write(Npy(values));
        }
    }
}
