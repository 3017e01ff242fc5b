using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>What is kept of each axis, for the maps that adapt parameters. Positions and sizes are those of the graph before the cut.</summary>
internal sealed class AxisCut(OnnxGraph graph, IReadOnlyDictionary<string, ValueFacts> facts, IReadOnlyDictionary<(string Value, int Axis), int[]> kept, int opset)
{
    /// <summary>The graph that is being written.</summary>
    public OnnxGraph Graph => graph;

    public int Opset => opset;

    public long[] Dims(string value) => facts[value].Dims;

    public bool Touches(Node node) => node.Inputs.Concat(node.Outputs).Any(value => value.Length > 0 && facts.TryGetValue(value, out var known) && Enumerable.Range(0, known.Dims.Length).Any(axis => IsCut(value, axis)));

    public bool IsCut(string value, int axis) => kept.ContainsKey((value, axis));

    /// <summary>The positions that stay, ascending.</summary>
    public int[] Kept(string value, int axis) => kept.TryGetValue((value, axis), out var positions) ? positions : [.. Enumerable.Range(0, (int)Dims(value)[axis])];

    /// <summary>The size after the cut.</summary>
    public int Size(string value, int axis) => kept.TryGetValue((value, axis), out var positions) ? positions.Length : (int)Dims(value)[axis];

    /// <summary>How many of the positions before <paramref name="end"/> stay.</summary>
    public int KeptBefore(string value, int axis, int end) => Kept(value, axis).Count(position => position < end);

    public long[]? Ints(Node node, string attribute, int slot) => Parameters.Ints(graph, node, attribute, slot);

    public void Set(Node node, string attribute, int slot, long[] values) => Parameters.Set(graph, node, attribute, slot, values);
}
