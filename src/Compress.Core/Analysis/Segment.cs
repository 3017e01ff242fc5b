using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>Some nodes of a model as a model of their own: what they read from outside becomes its inputs.</summary>
internal static class Segment
{
    public static OnnxModel Of(OnnxModel model, IReadOnlyList<Node> nodes, IReadOnlyCollection<string> outputs, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        var made = nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var graph = new OnnxGraph { Nodes = [.. nodes] };
        var convolves = nodes.Any(node => node.Op is "Conv" or "ConvTranspose");
        foreach (var name in nodes.SelectMany(node => node.Inputs.Concat(SubGraphs.Captures(node))).Where(name => name.Length > 0).Distinct())
        {
            if (model.Graph.Constants.TryGetValue(name, out var constant)) graph.Constants[name] = constant;
            else if (!made.Contains(name)) graph.Inputs.Add(Info(name, shapes[name], convolves));
        }
        foreach (var output in outputs) graph.Outputs.Add(new ValueInfoProto { Name = output });
        return new OnnxModel { Graph = graph, Header = model.Header };
    }

    /// <summary>Rank and type with open dimensions, but for the channels of images: kernels are chosen by those.</summary>
    private static ValueInfoProto Info(string name, ValueFacts facts, bool isImage)
    {
        var shape = new TensorShapeProto();
        for (var d = 0; d < facts.Dims.Length; d++)
            shape.Dim.Add(isImage && d == 1 && facts.Dims.Length == 4 ? new TensorShapeProto.Types.Dimension { DimValue = facts.Dims[d] } : new TensorShapeProto.Types.Dimension { DimParam = $"{name}.{d}" });
        return new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)facts.Type, Shape = shape } } };
    }
}
