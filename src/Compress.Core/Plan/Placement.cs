using Compress.Analysis;
using Compress.Graph;

namespace Compress.Plan;

/// <summary>
/// Where integers flow: the nodes that run in integers, the values that are quantized, and for each the value whose grid it is on
/// (a value that was only moved shares its source's grid; a value that is bounded right after it was made is never stored unbounded).
/// </summary>
/// <param name="Integer">Nodes that run on integers, by node.</param>
/// <param name="Grid">Quantized value → the value that names its grid.</param>
/// <param name="Absorbed">Bounding nodes that melt into the grid of their producer.</param>
public sealed record Placement(IReadOnlyDictionary<Node, IntegerRole> Integer, IReadOnlyDictionary<string, string> Grid, IReadOnlySet<Node> Absorbed)
{
    /// <summary>
    /// Quantized values that a float node, or the caller, makes. Nodes that run in float read them as they were made: exact, and nothing is dequantized for it.
    /// </summary>
    public IReadOnlySet<string> Exact { get; init; } = new HashSet<string>();

    /// <summary>Values whose grid may be taken from each input as the model runs: made in float, and in integers read by dense layers alone that give float.</summary>
    public IReadOnlySet<string> MayBeDynamic { get; init; } = new HashSet<string>();

    /// <summary>The values that need a grid, in a fixed order.</summary>
    public IEnumerable<string> Grids => Grid.Values.Distinct().Order(StringComparer.Ordinal);

    /// <summary>Every value that a plan with fewer integer nodes could put on a grid of its own, in a fixed order: what calibration must watch.</summary>
    public IEnumerable<string> Possible =>
        Integer.SelectMany(entry => (entry.Value == IntegerRole.Rescaling ? entry.Key.Inputs : entry.Key.Inputs.Take(1)).Concat(entry.Key.Outputs)).Where(value => value.Length > 0).Distinct().Order(StringComparer.Ordinal);

    /// <param name="isInteger">Whether a layer (Weighted) or another node may run in integers: rules, measurements and types decide.</param>
    public static Placement Of(OnnxModel model, IReadOnlyList<Layer> layers, IReadOnlyDictionary<string, ValueFacts> shapes, Func<Node, bool> isInteger)
    {
        var graph = model.Graph;
        var index = GraphIndex.Of(graph);
        var weighted = layers.Select(layer => layer.Node).ToHashSet();
        var integer = new Dictionary<Node, IntegerRole>();
        var quantized = new HashSet<string>(StringComparer.Ordinal);
        bool IsFloat(string value) => shapes.TryGetValue(value, out var facts) && facts.Type == Onnx.TensorProto.Types.DataType.Float;

        foreach (var node in graph.Nodes)
        {
            var role = IntegerOperators.RoleOf(node);
            if (role == IntegerRole.None || (role == IntegerRole.Bounding && BoundsAt(graph, node) is null) || !isInteger(node) || node.Outputs.Any(output => output.Length > 0 && !IsFloat(output))) continue;
            var data = role == IntegerRole.Rescaling ? node.Inputs : node.Inputs.Take(1);
            var ready = role == IntegerRole.Weighted
                ? weighted.Contains(node) && IsFloat(node.Inputs[0])
                : data.All(quantized.Contains);
            if (!ready) continue;
            integer[node] = role;
            quantized.UnionWith(node.Outputs);
        }
        DropUseless(graph, index, integer);

        var grid = new Dictionary<string, string>(StringComparer.Ordinal);
        var absorbed = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            if (!integer.TryGetValue(node, out var role)) continue;
            foreach (var input in role == IntegerRole.Rescaling ? node.Inputs : node.Inputs.Take(1)) grid.TryAdd(input, input);
            var producer = index.Producer(node.Inputs[0]);
            if (role == IntegerRole.Bounding && producer is not null && integer.TryGetValue(producer, out var made) && made is IntegerRole.Weighted or IntegerRole.Rescaling
                && index.OnlyConsumer(node.Inputs[0]) == node && BoundsAt(graph, node) is { Low: 0 })
            {
                absorbed.Add(node);
                grid.Remove(node.Inputs[0]);
                grid[node.Output] = node.Output;
                continue;
            }
            if (role == IntegerRole.Weighted && LeavesFloat(index, integer, node)) continue;
            foreach (var output in node.Outputs)
                if (output.Length > 0) grid[output] = role is IntegerRole.Moving or IntegerRole.Bounding ? grid[node.Inputs[0]] : output;
        }
        var exact = grid.Keys.Where(value => index.Producer(value) is not { } producer || !integer.ContainsKey(producer)).ToHashSet(StringComparer.Ordinal);
        var dynamic = exact.Where(value => index.Consumers(value).Where(integer.ContainsKey).All(node => node.Op == "MatMul" && LeavesFloat(index, integer, node)));
        return new Placement(integer, grid, absorbed) { Exact = exact, MayBeDynamic = dynamic.ToHashSet(StringComparer.Ordinal) };
    }

    /// <summary>What a value is written as: where a Relu or Clip melts into its producer's grid, the output of that.</summary>
    public string Stored(string value) => Absorbed.FirstOrDefault(node => node.Inputs[0] == value)?.Output ?? value;

    /// <summary>Constant bounds of Relu and Clip; null when they are computed.</summary>
    public static (double Low, double High)? BoundsAt(OnnxGraph graph, Node node)
    {
        if (node.Op == "Relu") return (0, double.PositiveInfinity);
        double? Bound(int input, double open) => node.Input(input).Length == 0 ? open : graph.Constant(node.Input(input))?.Floats()[0];
        return Bound(1, double.NegativeInfinity) is { } low && Bound(2, double.PositiveInfinity) is { } high ? (low, high) : null;
    }

    /// <summary>A dense layer whose output no integer node reads gives float directly: its kernel can, and nothing is rounded twice.</summary>
    public static bool LeavesFloat(GraphIndex index, IReadOnlyDictionary<Node, IntegerRole> integer, Node node) =>
        node.Op is "MatMul" or "Gemm" && !index.Consumers(node.Output).Any(integer.ContainsKey);

    /// <summary>An integer node without weights that feeds no integer node only adds rounding: back to float, from the end of the graph to its start.</summary>
    private static void DropUseless(OnnxGraph graph, GraphIndex index, Dictionary<Node, IntegerRole> integer)
    {
        foreach (var node in Enumerable.Reverse(graph.Nodes))
        {
            if (!integer.TryGetValue(node, out var role) || role == IntegerRole.Weighted) continue;
            var feeds = node.Outputs.SelectMany(index.Consumers).Any(integer.ContainsKey);
            // A bound right behind a layer costs nothing: it melts into the layer's grid.
            var melts = role == IntegerRole.Bounding && index.Producer(node.Inputs[0]) is { } producer && integer.GetValueOrDefault(producer) == IntegerRole.Weighted && producer.Op == "Conv";
            // ONNX Runtime (1.29) moves a DequantizeLinear behind a float node that only moves data, and ends the process where a sub-graph reads that node's output.
            var captured = role == IntegerRole.Moving && node.Outputs.Any(output => index.Consumers(output).Any(reader => !reader.Inputs.Contains(output)));
            if (!feeds && !melts && !captured) integer.Remove(node);
        }
    }
}
