using Compress.Graph;
using Onnx;

namespace Compress.Analysis;

/// <summary>Which elements of a table share a scale.</summary>
public enum TableForm
{
    /// <summary>Those along the last axis: rows of an embedding, gates of a recurrent layer.</summary>
    Rows,

    /// <summary>Those along the last axis but one: the inputs of an output channel where a product reads the table from the right.</summary>
    Columns,

    /// <summary>Those of one filter: all axes but the first.</summary>
    Filters,
}

/// <summary>A float constant that is read as weights, but not by a layer that could compute with integers: it is only stored in fewer bits.</summary>
/// <param name="Name">Name of the node that reads it.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Constant">Name of the constant.</param>
/// <param name="IsLookup">Only rows of it are read (Gather 1–13 along the first axis): it can stay packed while the model runs.</param>
public sealed record Table(string Name, string Op, string Constant, TableForm Form, bool IsLookup);

/// <summary>Finds the tables of a model: embeddings, weights of recurrent layers, weights that several nodes or sub-graphs share.</summary>
public static class Tables
{
    /// <summary>Smaller constants are not worth the nodes that unpack them.</summary>
    private const int LeastElements = 1024;

    /// <summary>Operators that take weights, and where.</summary>
    private static readonly Dictionary<string, int[]> Readers = new(StringComparer.Ordinal)
    {
        ["Gather"] = [0], ["LSTM"] = [1, 2], ["GRU"] = [1, 2], ["RNN"] = [1, 2],
        ["MatMul"] = [0, 1], ["Gemm"] = [0, 1], ["Conv"] = [1], ["ConvTranspose"] = [1],
    };

    /// <summary>Operators that only bring weights into another form on their way to one of those.</summary>
    private static readonly HashSet<string> Moves = new(["Slice", "Concat", "Unsqueeze", "Squeeze", "Transpose", "Reshape", "Identity", "Split"], StringComparer.Ordinal);

    private sealed record Use(string Name, string Op, int Slot, IReadOnlyList<string> Outputs, Node? Outer);

    /// <summary>Whether an operator takes weights at that input.</summary>
    public static bool TakesWeights(string op, int slot) => Readers.TryGetValue(op, out var slots) && slots.Contains(slot);

    /// <summary>Every table, by the constants' names. Constants that anything else reads stay as they are: positions and bounds must be exact.</summary>
    public static IReadOnlyList<Table> Of(OnnxModel model, IReadOnlyList<Layer> layers)
    {
        var weights = layers.Select(layer => layer.Weight).ToHashSet(StringComparer.Ordinal);
        var uses = Uses(model.Graph);
        var tables = new List<Table>();
        foreach (var (name, constant) in model.Graph.Constants.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!constant.IsFloat || constant.Rank < 2 || constant.Count < LeastElements || weights.Contains(name) || !uses.TryGetValue(name, out var direct)) continue;
            if (!AreWeights(uses, name, []) || !Array.TrueForAll(constant.Floats(), float.IsFinite)) continue;
            var first = direct[0];
            var isLookup = constant.Rank == 2 && direct.TrueForAll(use => use is { Op: "Gather", Outer: { } gather } && gather.Int("axis") == 0);
            tables.Add(new Table(first.Name.Length > 0 ? first.Name : first.Outputs[0], first.Op, name, Form(first), isLookup));
        }
        return tables;
    }

    private static TableForm Form(Use use) => use.Op switch
    {
        "Conv" => TableForm.Filters,
        "MatMul" when use.Slot == 1 => TableForm.Columns,
        "Gemm" when use.Slot == 1 && use.Outer?.Int("transB") == 0 => TableForm.Columns,
        _ => TableForm.Rows,
    };

    private static bool AreWeights(Dictionary<string, List<Use>> uses, string value, HashSet<string> met) =>
        !met.Add(value) || (uses.TryGetValue(value, out var all) && all.TrueForAll(use =>
            TakesWeights(use.Op, use.Slot) || (Moves.Contains(use.Op) && use.Outputs.All(output => AreWeights(uses, output, met)))));

    /// <summary>Every reader of every value at any depth; branches that use one name for two values count as one, which errs on the safe side.</summary>
    private static Dictionary<string, List<Use>> Uses(OnnxGraph graph)
    {
        var uses = new Dictionary<string, List<Use>>(StringComparer.Ordinal);
        void Add(string value, Use use)
        {
            if (value.Length == 0) return;
            if (!uses.TryGetValue(value, out var list)) uses[value] = list = [];
            list.Add(use);
        }
        void Walk(GraphProto inner)
        {
            foreach (var node in inner.Node)
            {
                for (var i = 0; i < node.Input.Count; i++) Add(node.Input[i], new Use(node.Name, node.Domain.Length > 0 ? "" : node.OpType, i, node.Output, null));
                foreach (var attribute in node.Attribute)
                    foreach (var deeper in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G)) Walk(deeper);
            }
            foreach (var output in inner.Output) Add(output.Name, new Use("", "", 0, [], null));
        }
        foreach (var node in graph.Nodes)
        {
            for (var i = 0; i < node.Inputs.Count; i++) Add(node.Inputs[i], new Use(node.Name, node.Domain.Length > 0 ? "" : node.Op, i, node.Outputs, node));
            foreach (var inner in node.SubGraphs()) Walk(inner);
        }
        foreach (var output in graph.Outputs) Add(output.Name, new Use("", "", 0, [], null));
        return uses;
    }
}
