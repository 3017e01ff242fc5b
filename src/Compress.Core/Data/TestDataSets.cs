using System.Globalization;
using Compress.Diagnostics;
using Compress.Graph;
using Google.Protobuf;
using Onnx;

namespace Compress.Data;

/// <summary>
/// ONNX test data: folders <c>test_data_set_0</c>, <c>test_data_set_1</c> …, each with one feed of the model as <c>input_0.pb</c>, <c>input_1.pb</c> …
/// (TensorProto, in the order of the model's inputs) and its results <c>output_0.pb</c> …, which are the arrays <c>output_0</c> … and <c>targets</c>.
/// </summary>
internal static class TestDataSets
{
    private const string Prefix = "test_data_set_";

    /// <summary>A folder of such folders, or one of them.</summary>
    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        if (File.Exists(Path.Combine(request.Path, "input_0.pb"))) return OpenOne(request.Path, request);
        var folders = SampleFolder.Folders(request.Path, Prefix + "*").OrderBy(Number).ToList();
        return JoinedArray.Join(folders.ConvertAll(folder => OpenOne(folder, request)));
    }

    private static IReadOnlyList<SampleArray> OpenOne(string folder, DataRequest request)
    {
        var arrays = request.Inputs.Select((input, i) => new ProtoArray(input.Name, Path.Combine(folder, $"input_{i}.pb"))).ToList();
        for (var i = 0; Path.Combine(folder, $"output_{i}.pb") is var file && File.Exists(file); i++)
        {
            arrays.Add(new($"output_{i}", file));
            if (i == 0) arrays.Add(new("targets", file));
        }
        return arrays;
    }

    private static int Number(string folder) => int.TryParse(Path.GetFileName(folder).AsSpan(Prefix.Length), CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static Tensor Load(string file)
    {
        if (!File.Exists(file)) throw Codes.TestDataMissing(file).Error();
        try
        {
            var message = TensorProto.Parser.ParseFrom(File.ReadAllBytes(file));
            var type = (TensorProto.Types.DataType)message.DataType;
            if (ElementTypes.Of(type) is not { } element) throw Codes.DataTypeUnsupported(file, Path.GetFileName(file), type.ToString().ToLowerInvariant()).Error();
            var tensor = TensorReader.Read(message, new ExternalData(file, []));
            return tensor.Dims.All(dim => dim >= 0) && tensor.Count * element.Size == tensor.ByteCount ? tensor : throw Codes.DataTruncated(file, Path.GetFileName(file)).Error();
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw Codes.DataUnreadable(file, $"It holds no tensor: {e.Message}").Error(e);
        }
    }

    /// <summary>The tensor of one file as one row.</summary>
    private sealed class ProtoArray : SampleArray
    {
        public ProtoArray(string name, string file) : this(name, file, Load(file)) { }

        private ProtoArray(string name, string file, Tensor tensor) : base(name, file, tensor.Type, [1, .. tensor.Dims]) { }

        public override IRowReader Open(long row) => new RowReader(_ => Load(File).Reshape(Dims));
    }
}
