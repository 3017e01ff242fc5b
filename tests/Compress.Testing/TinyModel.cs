using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Compress.Graph;

namespace Compress.Testing;

/// <summary>A network of a few thousand weights with samples and a policy, written to a folder: compressed in an instant.</summary>
public static class TinyModel
{
    public const string Policy = """
        version: 1
        models:
          - model: net.onnx
            calibration: { data: samples.npy }
            accuracy: { data: validation.npy, metric: cosine, min: 0.9 }
            quantize: { weights: 8, activations: 8 }

        """;

    /// <summary>Writes net.onnx, samples.npy, validation.npy and compress.yaml; returns the model's path.</summary>
    public static string Write(string folder, string policy = Policy)
    {
        Directory.CreateDirectory(folder);
        var model = Path.Combine(folder, "net.onnx");
        var built = new ModelBuilder().Input("input", -1, 1, 8, 8).Conv(4, 3).Relu().Conv(64, 3).Relu().GlobalPool().Flatten().Dense(3);
        File.WriteAllBytes(model, OnnxWriter.ToBytes(built.Build()));
        WriteNpy(Path.Combine(folder, "samples.npy"), new ModelBuilder(seed: 2).Random(1, 64, 1, 8, 8));
        WriteNpy(Path.Combine(folder, "validation.npy"), new ModelBuilder(seed: 3).Random(1, 64, 1, 8, 8));
        File.WriteAllText(Path.Combine(folder, "compress.yaml"), policy);
        return model;
    }

    /// <summary>NumPy's format 1.0, float32.</summary>
    public static void WriteNpy(string path, Tensor tensor)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", tensor.Dims)},), }}".PadRight(117) + "\n";
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes(tensor.Floats())]);
    }
}
