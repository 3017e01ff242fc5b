using Compress.Graph;
using Compress.Runtime;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Analysis;

/// <summary>Element type and dimensions of a value.</summary>
public sealed record ValueFacts(DataType Type, long[] Dims)
{
    public long Count => Tensor.ElementCount(Dims);
}

/// <summary>
/// The shape of every value, taken from one run of ONNX Runtime rather than inferred: right for every operator, every opset and dynamic axes,
/// and true for the feed that was given. Values inside sub-graphs are not seen.
/// </summary>
public static class ObservedShapes
{
    /// <param name="wanted">Which values of nodes; null: all. Each is in memory for a moment.</param>
    /// <exception cref="Diagnostics.CompressionException">CMP2007, CMP2008: the model does not load or run.</exception>
    public static IReadOnlyDictionary<string, ValueFacts> Observe(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, Func<string, bool>? wanted = null)
    {
        var facts = new Dictionary<string, ValueFacts>(StringComparer.Ordinal);
        foreach (var (name, tensor) in model.Graph.Constants) facts[name] = new(tensor.Type, tensor.Dims);
        foreach (var (name, tensor) in feed) facts[name] = new(tensor.Type, tensor.Dims);

        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        foreach (var value in model.Graph.Nodes.SelectMany(node => node.Outputs).Where(value => value.Length > 0 && wanted?.Invoke(value) != false))
            probe.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        if (probe.Graph.Outputs.Count == 0) return facts;
        using var session = new Session(probe, new SessionSettings(Optimize: false));
        foreach (var (name, tensor) in session.Run(feed)) facts[name] = new(tensor.Type, tensor.Dims);
        return facts;
    }
}
