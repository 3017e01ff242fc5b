using Compress.Data;
using Compress.Graph;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Bench;

/// <summary>
/// Data sets for training, by name. Two come without one and are made, the same each time, from the training images that the classifiers have: cluttered scenes
/// as those of scenes-calibration look, and noisy images.
/// </summary>
internal static class TrainingData
{
    private const string Images = "fashion-mnist-train";
    private const int Side = 28;
    private const int NoisyImages = 20480;
    private const double Sigma = 0.2 * 255;

    private static readonly Dictionary<string, Action<Tensor, string>> Makers = new(StringComparer.Ordinal) { ["scenes-train"] = Scenes.Write, ["noisy-train"] = Noisy };

    /// <summary>The file that a data set lies in or is made from.</summary>
    public static string Source(Assets assets, string name) => assets.Data(Makers.ContainsKey(name) ? Images : name);

    /// <summary>The data set's file; it is made where it is not there yet.</summary>
    public static string File(Assets assets, string name)
    {
        if (!Makers.TryGetValue(name, out var make)) return assets.Data(name);
        var path = Repository.Results("data", name + ".npz");
        if (System.IO.File.Exists(path)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        make(All(assets.Data(Images)), path + ".tmp");
        System.IO.File.Move(path + ".tmp", path);
        return path;
    }

    /// <summary>Uint8 [N, 28, 28].</summary>
    private static Tensor All(string file)
    {
        using var zip = System.IO.Compression.ZipFile.OpenRead(file);
        var entry = zip.GetEntry("input.npy")!;
        var bytes = new byte[entry.Length];
        using (var stream = entry.Open()) stream.ReadExactly(bytes);
        var count = bytes.Length / (Side * Side); // what is left over is the header
        return new Tensor(DataType.Uint8, [count, Side, Side], bytes[^(count * Side * Side)..]);
    }

    private static void Noisy(Tensor images, string path)
    {
        var random = new Random(1);
        var clean = images.Raw[..(NoisyImages * Side * Side)];
        var noisy = new byte[2 * clean.Length];
        for (var i = 0; i < clean.Length; i++) BitConverter.TryWriteBytes(noisy.AsSpan(2 * i), (short)Math.Round(clean[i] + (Sigma * Scenes.Normal(random))));
        NpzWriter.Write(path, deflated: false, ("input", new Tensor(DataType.Int16, [NoisyImages, 1, Side, Side], noisy)), ("target", new Tensor(DataType.Uint8, [NoisyImages, 1, Side, Side], clean.ToArray())));
    }
}
