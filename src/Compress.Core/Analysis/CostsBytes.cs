using Compress.Graph;
using Compress.Policy;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Analysis;

public static partial class Costs
{
    /// <summary>Operators whose output is their input under another shape: no memory of its own.</summary>
    private static readonly HashSet<string> Views = new(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"], StringComparer.Ordinal);

    /// <summary>Bytes of the model as one file, external data taken in.</summary>
    public static long FileBytes(OnnxModel model) => OnnxWriter.ToProto(model).CalculateSize();

    /// <summary>Bits of a weight in the file; five ternary codes lie in a byte.</summary>
    public static double StoredBits(int bits) => bits == QuantizePolicy.Ternary ? 1.6 : bits;

    /// <summary>
    /// Bytes that a layer's weights and bias take in a file: packed weights with a scale and a bias of 16 bits each an output channel; a 32-bit bias beside float weights.
    /// What nodes and names add is the same for every bit-width.
    /// </summary>
    public static long StoredBytes(LayerShape layer, double bits) => layer.Weights == 0 ? 0
        : (long)Math.Ceiling(layer.Weights * (bits == QuantizePolicy.Ternary ? StoredBits(QuantizePolicy.Ternary) : bits) / 8) + (layer.OutChannels * 4);

    /// <summary>
    /// The most bytes of activations that are alive at a time when the nodes run in their order: what a node reads and writes and
    /// what later nodes still need, for the feed that was observed. Reshapes share their input's memory; constants are not counted.
    /// </summary>
    /// <param name="graph">The graph, in the order it runs.</param>
    /// <param name="shapes">Observed shapes; values without one count nothing.</param>
    /// <param name="bits">Bits an element of a value takes when it is not as observed; null: as observed.</param>
    /// <param name="melted">Outputs of nodes that are a part of the node before: theirs is its memory too.</param>
    public static long PeakMemory(OnnxGraph graph, IReadOnlyDictionary<string, ValueFacts> shapes, Func<string, double?>? bits = null, IReadOnlySet<string>? melted = null)
    {
        var owner = Owners(graph, melted);
        var lastUse = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var value in graph.Nodes[i].Inputs.Concat(SubGraphs.Captures(graph.Nodes[i])).Concat(graph.Nodes[i].Outputs)) lastUse[Owner(value)] = i;
        foreach (var output in graph.Outputs) lastUse[Owner(output.Name)] = int.MaxValue;

        var alive = graph.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var now = alive.Sum(Bytes);
        var peak = now;
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (var output in graph.Nodes[i].Outputs.Select(Owner))
                if (output.Length > 0 && !graph.Constants.ContainsKey(output) && alive.Add(output)) now += Bytes(output);
            peak = Math.Max(peak, now);
            foreach (var done in alive.Where(value => !lastUse.TryGetValue(value, out var last) || last <= i).ToArray())
            {
                alive.Remove(done);
                now -= Bytes(done);
            }
        }
        return peak;

        string Owner(string value) => owner.GetValueOrDefault(value, value);

        long Bytes(string value) => shapes.TryGetValue(value, out var facts) ? (long)Math.Ceiling(facts.Count * (bits?.Invoke(value) ?? ElementBits(facts.Type)) / 8) : 0;
    }

    private static Dictionary<string, string> Owners(OnnxGraph graph, IReadOnlySet<string>? melted)
    {
        var owner = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Domain.Length == 0 && (Views.Contains(node.Op) || melted?.Contains(node.Output) == true))) owner[node.Output] = owner.GetValueOrDefault(node.Input(0), node.Input(0));
        return owner;
    }

    private static double ElementBits(DataType type) => type switch
    {
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 16,
        DataType.Int8 or DataType.Uint8 or DataType.Bool => 8,
        DataType.Int4 or DataType.Uint4 => 4,
        _ => 32,
    };
}
