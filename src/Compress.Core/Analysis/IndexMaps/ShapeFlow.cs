using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Analysis.IndexMaps;

/// <summary>Where one number of a shape comes from.</summary>
internal abstract record SizeSource
{
    /// <summary>Position <paramref name="Index"/> of the constant that <paramref name="Node"/> reads as input <paramref name="Slot"/>.</summary>
    public sealed record Constant(Node Node, int Slot, int Index, long Value) : SizeSource;

    /// <summary>The size of an axis, read by a Shape operator: it follows the axis by itself.</summary>
    public sealed record Dimension(string Value, int Axis) : SizeSource;

    /// <summary>Computed in a way that isn't followed.</summary>
    public sealed record Unknown : SizeSource;
}

/// <summary>Follows shapes that are computed in the graph (Shape → Gather → Concat → Reshape), number by number.</summary>
internal sealed class ShapeFlow
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlyDictionary<string, ValueFacts> facts;
    private readonly Dictionary<string, SizeSource[]> sources = new(StringComparer.Ordinal);

    /// <summary>Inputs that take a shape; what else reads a computed size would see a cut.</summary>
    private static readonly HashSet<(string Op, int Slot)> Readers = [("Reshape", 1), ("Expand", 1), ("ConstantOfShape", 0), ("Resize", 3)];

    private static readonly HashSet<string> Carriers = ["Shape", "Gather", "Slice", "Concat", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Cast"];

    private ShapeFlow(OnnxGraph graph, IReadOnlyDictionary<string, ValueFacts> facts)
    {
        this.graph = graph;
        this.facts = facts;
        foreach (var node in graph.Nodes)
        {
            if (Carriers.Contains(node.Op) && Carry(node) is { } carried)
            {
                sources[node.Output] = carried;
                continue;
            }
            for (var slot = 0; slot < node.Inputs.Count; slot++)
                if (!Readers.Contains((node.Op, slot))) Escape(node.Inputs[slot], node);
            foreach (var captured in SubGraphs.Captures(node)) Escape(captured, node);
        }
    }

    public static ShapeFlow Of(OnnxModel model, IReadOnlyDictionary<string, ValueFacts> facts) => new(model.Graph, facts);

    /// <summary>Sizes that something computes with; whoever holds them must not change.</summary>
    public List<(SizeSource Source, string Reason)> Escapes { get; } = [];

    /// <summary>The numbers of a shape input; null when they can't be followed.</summary>
    public SizeSource[]? Of(Node node, int slot) =>
        graph.Constant(node.Input(slot)) is { Rank: <= 1, IsFloat: false } constant
            ? [.. constant.Integers().Select((value, i) => new SizeSource.Constant(node, slot, i, value))]
            : sources.GetValueOrDefault(node.Input(slot));

    private void Escape(string value, Node node)
    {
        foreach (var source in sources.GetValueOrDefault(value) ?? []) Escapes.Add((source, $"{node} computes with their number"));
    }

    private SizeSource[]? Carry(Node node)
    {
        if (!facts.TryGetValue(node.Output, out var output) || output.Type is not (DataType.Int64 or DataType.Int32) || output.Dims.Length > 1) return null;
        if (node.Is("Shape")) return Shape(node);
        var data = Of(node, 0);
        if (node.Is("Concat")) return Concat(node);
        if (data is null) return null;
        return node.Op switch
        {
            "Gather" when Parameters.Ints(graph, node, "", 1) is { } indices => [.. indices.Select(i => data[i < 0 ? i + data.Length : i])],
            "Gather" => null,
            "Slice" => Slice(node, data),
            _ => data.Length == output.Count ? data : null,
        };
    }

    private SizeSource[]? Shape(Node node)
    {
        if (!facts.TryGetValue(node.Input(0), out var input)) return null;
        var rank = input.Dims.Length;
        var start = Slices.Clamp(node.Int("start"), rank);
        var end = Slices.Clamp(node.Int("end", rank), rank);
        return [.. Enumerable.Range(start, Math.Max(0, end - start)).Select(axis => new SizeSource.Dimension(node.Input(0), axis))];
    }

    private SizeSource[]? Concat(Node node)
    {
        var parts = node.Inputs.Select((_, slot) => Of(node, slot)).ToList();
        // A part that can't be followed is still as long as it is: the other numbers stay known.
        return [.. parts.SelectMany((part, slot) => part ?? [.. Enumerable.Repeat<SizeSource>(new SizeSource.Unknown(), (int)facts[node.Inputs[slot]].Count)])];
    }

    private SizeSource[]? Slice(Node node, SizeSource[] data)
    {
        if (Slices.Of(graph, node, [data.Length]) is not [var slice] || slice.Step != 1) return null;
        return data[slice.Start..Math.Max(slice.Start, slice.End)];
    }
}
