using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>Some nodes of a model as a model of their own: what they read from outside becomes its inputs.</summary>
internal static class Segment
{
    public static OnnxModel Of(OnnxModel model, IReadOnlyList<Node> nodes, IReadOnlyCollection<string> outputs, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        nodes = WithSequences(model.Graph, nodes, shapes);
        var made = nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var graph = new OnnxGraph { Nodes = [.. nodes] };
        var convolves = nodes.Any(node => node.Op is "Conv" or "ConvTranspose");
        foreach (var name in nodes.SelectMany(SubGraphs.Read).Distinct())
        {
            if (model.Graph.Constants.TryGetValue(name, out var constant)) graph.Constants[name] = constant;
            else if (!made.Contains(name)) graph.Inputs.Add(Info(name, shapes[name], convolves));
        }
        foreach (var output in outputs) graph.Outputs.Add(new ValueInfoProto { Name = output });
        return new OnnxModel { Graph = graph, Header = model.Header };
    }

    /// <summary>The nodes, with those that make the sequences and maps that they read: only tensors can be handed in.</summary>
    private static IReadOnlyList<Node> WithSequences(OnnxGraph graph, IReadOnlyList<Node> nodes, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        var made = nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var missing = nodes.SelectMany(SubGraphs.Read).Where(name => !made.Contains(name) && !graph.Constants.ContainsKey(name) && !shapes.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
        var makers = graph.Nodes.Where(node => node.Outputs.Any(missing.Contains)).ToList();
        return makers.Count == 0 ? nodes : WithSequences(graph, [.. graph.Nodes.Where(node => makers.Contains(node) || nodes.Contains(node))], shapes);
    }

    /// <summary>Rank and type with open dimensions, but for the channels of images: kernels are chosen by those.</summary>
    private static ValueInfoProto Info(string name, ValueFacts facts, bool isImage) =>
        TensorInfo.Of(name, facts.Type, facts.Dims, axis => isImage && axis == 1 && facts.Dims.Length == 4 ? null : $"{name}.{axis}");
}
