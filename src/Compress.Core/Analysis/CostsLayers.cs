using Compress.Graph;

namespace Compress.Analysis;

/// <summary>What a model costs: operations, bit operations, bytes, memory. Pure functions of shapes and bits.</summary>
public static partial class Costs
{
    /// <summary>How a layer's shape is read off a node; X and W are the inputs that hold the activation and the weights.</summary>
    private sealed record Reading(int X, int W, Func<Node, Shapes, LayerShape> Shape);

    private static readonly Dictionary<string, Reading> Readings = new(StringComparer.Ordinal)
    {
        ["Conv"] = new(0, 1, Convolution),
        ["ConvInteger"] = new(0, 1, Convolution),
        ["QLinearConv"] = new(0, 3, Convolution),
        ["ConvTranspose"] = new(0, 1, TransposedConvolution),
        ["Gemm"] = new(0, 1, Gemm),
        ["MatMul"] = new(0, 1, Product),
        ["MatMulInteger"] = new(0, 1, Product),
        ["QLinearMatMul"] = new(0, 3, Product),
        ["MatMulNBits"] = new(0, 1, PackedProduct),
        ["LSTM"] = new(0, 1, Recurrent),
        ["GRU"] = new(0, 1, Recurrent),
        ["RNN"] = new(0, 1, Recurrent),
    };

    /// <summary>The layers that multiply and add, in graph order. Elementwise operators, pooling and normalization are not counted, as is usual.</summary>
    /// <param name="model">Any model; nodes whose shapes are not known (inside sub-graphs) are left out.</param>
    /// <param name="shapes">Observed with a feed of <paramref name="samples"/> samples.</param>
    /// <param name="samples">Samples of that feed: positions are per sample.</param>
    public static IReadOnlyList<LayerShape> Layers(OnnxModel model, IReadOnlyDictionary<string, ValueFacts> shapes, int samples = 1)
    {
        var constant = FromConstants(model.Graph);
        var layers = new List<LayerShape>();
        foreach (var node in model.Graph.Nodes)
        {
            if (!Readings.TryGetValue(node.Op, out var reading)) continue;
            var view = new Shapes(shapes, constant, reading);
            if (!view.Knows(node)) continue;
            var shape = reading.Shape(node, view);
            var output = node.Outputs.First(name => name.Length > 0);
            layers.Add(shape with { Name = node.Name.Length > 0 ? node.Name : output, Op = node.Op, Output = output, Positions = shape.Positions / samples });
        }
        return layers;
    }

    /// <summary>Values computed from constants alone: weights behind a Transpose or a DequantizeLinear are weights still.</summary>
    private static HashSet<string> FromConstants(OnnxGraph graph)
    {
        var constant = new HashSet<string>(graph.Constants.Keys, StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
            if (node.Inputs.Any(input => input.Length > 0) && node.Inputs.All(input => input.Length == 0 || constant.Contains(input)) && !node.SubGraphs().Any()) constant.UnionWith(node.Outputs);
        return constant;
    }

    private static LayerShape Convolution(Node node, Shapes shapes)
    {
        var (weight, output) = (shapes.W(node), shapes.Y(node));
        var groups = node.Int("group", 1);
        return shapes.Layer(node, weight.Dims[1] * groups, weight.Dims[0], output.Count / weight.Dims[0]) with { Groups = groups, Kernel = Tensor.ElementCount(weight.Dims.AsSpan(2)) };
    }

    private static LayerShape TransposedConvolution(Node node, Shapes shapes)
    {
        var (weight, input) = (shapes.W(node), shapes.X(node));
        var groups = node.Int("group", 1);
        return shapes.Layer(node, weight.Dims[0], weight.Dims[1] * groups, input.Count / weight.Dims[0]) with { Groups = groups, Kernel = Tensor.ElementCount(weight.Dims.AsSpan(2)) };
    }

    private static LayerShape Gemm(Node node, Shapes shapes)
    {
        var (input, output) = (shapes.X(node), shapes.Y(node));
        return shapes.Layer(node, input.Dims[node.Int("transA") == 0 ? 1 : 0], output.Dims[1], output.Dims[0]);
    }

    private static LayerShape Product(Node node, Shapes shapes)
    {
        var (left, right, output) = (shapes.X(node), shapes.W(node), shapes.Y(node));
        // The constant may be the left matrix: its rows are then the channels made.
        if (shapes.IsConstant(node, first: true) && !shapes.IsConstant(node, first: false))
        {
            var rows = left.Dims.Length > 1 ? left.Dims[^2] : 1;
            return shapes.Layer(node, left.Dims[^1], rows, output.Count / rows) with { Input = shapes.Second(node), HasWeights = true };
        }
        var columns = right.Dims.Length > 1 ? right.Dims[^1] : 1;
        return shapes.Layer(node, left.Dims[^1], columns, output.Count / columns);
    }

    private static LayerShape PackedProduct(Node node, Shapes shapes) =>
        shapes.Layer(node, node.Int("K"), node.Int("N"), shapes.Y(node).Count / node.Int("N"));

    /// <summary>W [directions, gates · hidden, input], R [directions, gates · hidden, hidden]; X [steps, batch, input] or, by layout, [batch, steps, input].</summary>
    private static LayerShape Recurrent(Node node, Shapes shapes)
    {
        var (weight, input) = (shapes.W(node), shapes.X(node));
        return shapes.Layer(node, weight.Dims[2] + node.Int("hidden_size"), weight.Dims[0] * weight.Dims[1], input.Dims[0] * input.Dims[1]);
    }

    /// <summary>Shapes by the roles that values have in a node.</summary>
    private sealed record Shapes(IReadOnlyDictionary<string, ValueFacts> Facts, HashSet<string> Constant, Reading Reading)
    {
        public bool Knows(Node node) => Facts.ContainsKey(node.Input(Reading.X)) && Facts.ContainsKey(Second(node)) && node.Outputs.Any(Facts.ContainsKey);

        public ValueFacts X(Node node) => Facts[node.Input(Reading.X)];

        public ValueFacts W(Node node) => Facts[Second(node)];

        public ValueFacts Y(Node node) => Facts[node.Output];

        public string Second(Node node) => node.Input(Reading.W);

        public bool IsConstant(Node node, bool first) => Constant.Contains(first ? node.Input(Reading.X) : Second(node));

        public LayerShape Layer(Node node, long inChannels, long outChannels, long positions) =>
            new("", "", inChannels, outChannels, 1, 1, positions) { Input = node.Input(Reading.X), HasWeights = IsConstant(node, first: false) };
    }
}
