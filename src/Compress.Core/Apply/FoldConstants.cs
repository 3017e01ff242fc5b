using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Apply;

/// <summary>Nodes whose inputs are all constants become constants. ONNX Runtime computes them, all in one session, so results are those it would give.</summary>
internal static class FoldConstants
{
    /// <summary>Operators that shape or scale weights and small vectors. Dequantization is not among them: its input is the smaller form.</summary>
    private static readonly HashSet<string> Foldable = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "Cast", "Concat", "Div", "Exp", "Expand", "Flatten", "Gather", "Identity", "Mul", "Neg", "Pow", "Reciprocal",
        "Reshape", "Shape", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tile", "Transpose", "Unsqueeze",
    };

    /// <summary>A result may be as large as this whatever it is made from; beyond, at most twice its inputs (float16 to float32).</summary>
    private const long SmallBytes = 16 << 10;

    /// <summary>Keeps the session's model within the 2 GB that a message can hold.</summary>
    private const long MostBytes = 1L << 30;

    public static void Apply(FoldScope scope)
    {
        var graph = scope.Graph;
        var candidates = Candidates(graph);
        if (candidates.Count == 0) return;
        IReadOnlyDictionary<string, Tensor> values;
        try
        {
            values = Evaluate(scope.Model, candidates);
        }
        catch (CompressionException)
        {
            return; // types that the CPU has no kernels for: the model itself will tell
        }

        var folded = new HashSet<Node>();
        foreach (var node in candidates)
        {
            if (!node.Inputs.All(input => input.Length == 0 || graph.Constants.ContainsKey(input))) continue;
            var before = node.Inputs.Sum(input => graph.Constant(input)?.ByteCount ?? 0);
            var after = node.Outputs.Sum(output => output.Length > 0 ? values[output].ByteCount : 0);
            if (after > Math.Max(SmallBytes, 2 * before)) continue;
            foreach (var output in node.Outputs)
                if (output.Length > 0) graph.Constants[output] = values[output];
            folded.Add(node);
            scope.Changed(new(FoldKind.Constant, node.Name, node.Op));
        }
        graph.Nodes.RemoveAll(folded.Contains);
    }

    private static List<Node> Candidates(OnnxGraph graph)
    {
        var known = new HashSet<string>(graph.Constants.Where(entry => entry.Value.Strings is null).Select(entry => entry.Key), StringComparer.Ordinal);
        var candidates = new List<Node>();
        var bytes = 0L;
        foreach (var node in graph.Nodes)
        {
            if (node.Domain.Length > 0 || !Foldable.Contains(node.Op) || !node.Inputs.All(input => input.Length == 0 || known.Contains(input))) continue;
            if (node.Outputs.Any(graph.IsOutput)) continue; // a graph output stays the output of a node
            bytes += node.Inputs.Sum(input => graph.Constant(input)?.ByteCount ?? 0);
            if (bytes > MostBytes) break;
            candidates.Add(node);
            known.UnionWith(node.Outputs);
        }
        return candidates;
    }

    private static IReadOnlyDictionary<string, Tensor> Evaluate(OnnxModel model, List<Node> nodes)
    {
        var used = nodes.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        var graph = new OnnxGraph
        {
            Nodes = nodes,
            Constants = model.Graph.Constants.Where(entry => used.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal),
            Outputs = [.. nodes.SelectMany(node => node.Outputs).Where(output => output.Length > 0).Select(output => new ValueInfoProto { Name = output })],
        };
        using var session = new Session(new OnnxModel { Graph = graph, Header = model.Header, Files = model.Files }, new SessionSettings(Optimize: false));
        return session.Run(new Dictionary<string, Tensor>());
    }
}
