using System.Globalization;
using Onnx;

namespace Compress.Graph;

/// <summary>Where each constant lies in an external data file: in ordinal order, aligned so that a runtime can map it.</summary>
internal sealed class ExternalLayout
{
    /// <summary>Smaller ones stay in the model, where shapes and axes can be seen without the data.</summary>
    private const int SmallBytes = 1024;

    private const int Alignment = 4096;

    private readonly string location;
    private readonly Dictionary<string, (Tensor Tensor, long Offset)> places = new(StringComparer.Ordinal);

    /// <param name="location">The data file's name, relative to the model.</param>
    public ExternalLayout(OnnxGraph graph, string location)
    {
        this.location = location;
        var end = 0L;
        foreach (var (name, tensor) in graph.Constants.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (tensor.Strings is not null || tensor.ByteCount < SmallBytes) continue;
            var offset = (end + Alignment - 1) / Alignment * Alignment;
            places[name] = (tensor, offset);
            end = offset + tensor.ByteCount;
        }
    }

    public void WriteTo(Stream stream)
    {
        foreach (var (tensor, offset) in places.Values.OrderBy(place => place.Offset))
        {
            stream.Write(new byte[offset - stream.Position]);
            stream.Write(tensor.Raw);
        }
    }

    public TensorProto ToProto(string name, Tensor tensor)
    {
        if (!places.TryGetValue(name, out var place)) return OnnxWriter.ToProto(name, tensor);
        var message = new TensorProto { Name = name, DataType = (int)tensor.Type, DataLocation = TensorProto.Types.DataLocation.External };
        message.Dims.AddRange(tensor.Dims);
        message.ExternalData.Add(Entry("location", location));
        message.ExternalData.Add(Entry("offset", place.Offset.ToString(CultureInfo.InvariantCulture)));
        message.ExternalData.Add(Entry("length", tensor.ByteCount.ToString(CultureInfo.InvariantCulture)));
        return message;
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
