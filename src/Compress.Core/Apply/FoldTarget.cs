using Compress.Graph;

namespace Compress.Apply;

/// <summary>How a linear layer's constant weights are laid out: which output and which input channel each element belongs to.</summary>
/// <param name="Rank">Rank of the layer's output; 1 when only the last axis is known.</param>
/// <param name="Axis">The channel axis of the output, within <paramref name="Rank"/>.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Inputs">Input channels.</param>
/// <param name="OutputOf">Element of the weights to output channel.</param>
/// <param name="InputOf">Element of the weights to input channel.</param>
internal sealed record WeightLayout(int Rank, int Axis, int Outputs, int Inputs, Func<int, int> OutputOf, Func<int, int> InputOf);

/// <summary>The linear layers that can take up a per-channel scale and shift.</summary>
internal static class FoldTarget
{
    /// <summary>One row an operator. A layer's weights are its second input; its bias, if it has any, is its third.</summary>
    private static readonly Dictionary<string, Func<FoldScope, Node, Tensor, WeightLayout>> Layouts = new(StringComparer.Ordinal)
    {
        ["Conv"] = (_, node, weights) => Conv(weights, (int)node.Int("group", 1)),
        ["ConvTranspose"] = (_, node, weights) => ConvTranspose(weights, (int)node.Int("group", 1)),
        ["Gemm"] = (_, node, weights) => node.Int("transB") != 0
            ? new(2, 1, (int)weights.Dims[0], (int)weights.Dims[1], Quotient(weights.Dims[1]), Remainder(weights.Dims[1]))
            : Dense(weights, 2),
        ["MatMul"] = (scope, node, weights) => Dense(weights, scope.Types.Rank(node.Input(0)) ?? 1),
    };

    /// <summary>The layer's weights and their layout; null when the node is no linear layer with constant weights.</summary>
    public static (Tensor Weights, WeightLayout Layout)? Of(FoldScope scope, Node node)
    {
        if (node.Domain.Length > 0 || !Layouts.TryGetValue(node.Op, out var layout)) return null;
        var weights = scope.Graph.Constant(node.Input(1));
        if (weights is not { IsFloat: true } || weights.Rank < 2 || (node.Op == "MatMul" && weights.Rank != 2)) return null;
        var group = node.Int("group", 1);
        return group >= 1 && weights.Count > 0 && weights.Dims[0] % group == 0 ? (weights, layout(scope, node, weights)) : null;
    }

    /// <summary>The bias as one number an output channel, Gemm's beta applied; null when it has another form.</summary>
    public static double[]? Bias(OnnxGraph graph, Node layer, int channels)
    {
        if (layer.Input(2).Length == 0) return new double[channels];
        if (graph.Constant(layer.Input(2)) is not { IsFloat: true } bias || (bias.Count != 1 && (bias.Count != channels || bias.Dims[^1] != channels))) return null;
        var beta = layer.Op == "Gemm" ? (double)layer.Float("beta", 1) : 1;
        var values = bias.Doubles();
        return [.. Enumerable.Range(0, channels).Select(c => beta * values[values.Length == 1 ? 0 : c])];
    }

    public static void SetBias(FoldScope scope, Node layer, Tensor bias)
    {
        layer.Attributes.Remove("beta");
        if (layer.Input(2).Length > 0 || bias.Doubles().Any(value => value != 0)) scope.SetInput(layer, 2, bias);
    }

    /// <summary>The weights, each multiplied by its channel's factor.</summary>
    public static Tensor Scale(Tensor weights, Func<int, int> channelOf, double[] scale) =>
        weights.WithDoubles([.. weights.Doubles().Select((value, i) => value * scale[channelOf(i)])], weights.Dims);

    /// <summary>Turns a node that scaled and shifted into the Add of a constant that is left of it.</summary>
    public static void BecomeAdd(FoldScope scope, Node node, string value, Tensor shift)
    {
        var name = scope.AddConstant(node.Name + "_bias", shift);
        node.Op = "Add";
        node.Attributes.Clear();
        node.Inputs.Clear();
        node.Inputs.AddRange([value, name]);
        node.Outputs.RemoveRange(1, node.Outputs.Count - 1);
    }

    private static WeightLayout Conv(Tensor weights, int group)
    {
        var (outputs, inputs, kernel) = Shape(weights);
        var (perGroup, each) = (outputs / group, inputs * kernel);
        return new(weights.Rank, 1, outputs, inputs * group, i => i / each, i => i / each / perGroup * inputs + i / kernel % inputs);
    }

    private static WeightLayout ConvTranspose(Tensor weights, int group)
    {
        var (inputs, outputs, kernel) = Shape(weights);
        var (perGroup, each) = (inputs / group, outputs * kernel);
        return new(weights.Rank, 1, outputs * group, inputs, i => i / each / perGroup * outputs + i / kernel % outputs, i => i / each);
    }

    private static WeightLayout Dense(Tensor weights, int rank) =>
        new(rank, rank - 1, (int)weights.Dims[1], (int)weights.Dims[0], Remainder(weights.Dims[1]), Quotient(weights.Dims[1]));

    private static (int First, int Second, int Kernel) Shape(Tensor weights) =>
        ((int)weights.Dims[0], (int)weights.Dims[1], (int)Tensor.ElementCount(weights.Dims.AsSpan(2)));

    private static Func<int, int> Quotient(long by) => i => i / (int)by;

    private static Func<int, int> Remainder(long by) => i => i % (int)by;
}
