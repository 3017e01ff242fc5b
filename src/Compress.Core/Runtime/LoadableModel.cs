using Compress.Graph;

namespace Compress.Runtime;

/// <summary>A model as ONNX Runtime loads it: from memory, or, where one message can't hold it, from its file with the data beside it, which are mapped and not read.</summary>
public sealed record LoadableModel
{
    private LoadableModel(byte[]? bytes, string? file) => (Bytes, File) = (bytes, file);

    /// <summary>Bytes of constants beyond which models are loaded from files.</summary>
    internal static long MostInMemory { get; set; } = OnnxWriter.MostInside;

    /// <summary>The file's content; null: it is loaded from <see cref="File"/>.</summary>
    public byte[]? Bytes { get; }

    public string? File { get; }

    public static implicit operator LoadableModel(byte[] bytes) => new(bytes, null);

    public static LoadableModel At(string file) => new(null, file);

    /// <summary>A model just as it was read from its files.</summary>
    public static LoadableModel AsRead(OnnxModel model) => IsLarge(model) && model.Files.Count > 0 ? At(model.Files[0]) : OnnxWriter.ToBytes(model);

    public static bool IsLarge(OnnxModel model) => OnnxWriter.ConstantBytes(model) > MostInMemory;
}
