using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Data;

/// <summary>Words for the tests of this folder.</summary>
internal static class Datasets
{
    public static string Asset(params string[] parts) => Repository.PathTo(["testassets", "data", .. parts]);

    public static DataSource Source(string path) => new(new("compress.yaml", 5, 13), path, new Dictionary<string, At<string>>());

    public static ModelInput Float(string name, params long[] dims) => new(name, DataType.Float, dims);

    public static ModelInput Int64(string name, params long[] dims) => new(name, DataType.Int64, dims);

    /// <summary>0, 1, 2 … in the given dimensions.</summary>
    public static Tensor Counting(params long[] dims) => Tensor.Of([.. Enumerable.Range(0, (int)Tensor.ElementCount(dims)).Select(i => (float)i)], dims);

    /// <summary>Writes an npz file and opens it.</summary>
    public static IDataset Npz(this TemporaryFolder folder, (string Name, Tensor Values)[] arrays, ModelInput[] inputs, Preprocess? preprocess = null, params string[] extras)
    {
        NpzWriter.Write(folder["data.npz"], deflated: true, arrays);
        return Open(folder["data.npz"], inputs, preprocess, extras);
    }

    public static IDataset Open(string path, ModelInput[] inputs, Preprocess? preprocess = null, params string[] extras) =>
        DatasetReader.Open(Source(path), preprocess ?? Preprocess.None, inputs, extras);

    public static List<Batch> All(this IDataset data, int batchSize = 1000) => [.. data.Read(0, data.Count, batchSize)];

    /// <summary>The code of the error that opening and reading everything ends with.</summary>
    public static Diagnostic Failure(Func<IDataset> open) => Assert.ThrowsExactly<CompressionException>(() => open().All()).Diagnostic;
}
