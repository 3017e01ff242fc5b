using Compress.Analysis;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>What a student is taught by the float model.</summary>
/// <param name="Outputs">Outputs, or what their softmax reads where they are probabilities already; none without distillation.</param>
/// <param name="Features">Values at the ends of blocks.</param>
internal sealed record Taught(IReadOnlyList<string> Outputs, IReadOnlyList<string> Features)
{
    public IReadOnlyList<string> Values { get; } = [.. Outputs, .. Features];

    /// <param name="student">Its graph before anything is put between its nodes.</param>
    /// <param name="teacher">What lies between two factors of a layer is not in it.</param>
    public static Taught Of(OnnxGraph student, OnnxGraph teacher, IReadOnlyList<Layer> layers, TrainingSettings settings)
    {
        var known = teacher.Nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        return new Taught(settings.Distill ? OutputsOf(student, settings.Scores) : [], settings.Features ? [.. EndsOfBlocks(student, layers).Where(known.Contains)] : []);
    }

    /// <summary>Outputs in float32, as a loss reads them.</summary>
    /// <param name="scores">See <see cref="TrainingSettings.Scores"/>.</param>
    public static IReadOnlyList<string> OutputsOf(OnnxGraph graph, string? scores) =>
        [.. graph.Outputs.Where(output => output.Type?.TensorType?.ElemType is (int)DataType.Float or null).Select(output => output.Name == scores ? Logits(graph, scores) : output.Name)];

    /// <summary>What the softmax reads where scores are probabilities already.</summary>
    public static string Logits(OnnxGraph graph, string scores) => GraphIndex.Of(graph).Producer(scores) is { Op: "Softmax", Domain: "" } softmax ? softmax.Inputs[0] : scores;

    /// <summary>
    /// What all that goes through the model goes through, and a layer reads. A student that is held to these values learns as many numbers from a sample as they
    /// have, not only a handful of outputs: a few hundred samples do. What no weight has touched (masks, the input itself) may go past them.
    /// </summary>
    /// <returns>In graph order; neither inputs nor outputs of the graph.</returns>
    internal static IReadOnlyList<string> EndsOfBlocks(OnnxGraph graph, IReadOnlyList<Layer> layers)
    {
        var read = layers.Select(layer => layer.Input).ToHashSet(StringComparer.Ordinal);
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var input in graph.Nodes[i].Inputs.Concat(SubGraphs.Captures(graph.Nodes[i]))) last[input] = i;
        foreach (var output in graph.Outputs) last[output.Name] = int.MaxValue;
        var (made, live) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var features = new List<string>();
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            live.RemoveWhere(value => last[value] == i);
            if (graph.Nodes[i].Inputs.Any(input => made.Contains(input) || graph.Constants.GetValueOrDefault(input) is { Rank: >= 2 })) made.UnionWith(graph.Nodes[i].Outputs);
            live.UnionWith(graph.Nodes[i].Outputs.Where(output => made.Contains(output) && last.GetValueOrDefault(output, -1) > i));
            if (live.Count == 1 && live.Single() is var only && read.Contains(only) && last[only] < int.MaxValue && !features.Contains(only)) features.Add(only);
        }
        return features;
    }
}
