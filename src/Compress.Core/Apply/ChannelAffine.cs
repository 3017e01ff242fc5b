using Compress.Graph;

namespace Compress.Apply;

/// <summary>y[c] = Scale[c]·x[c] + Shift[c] for each channel c.</summary>
internal sealed record ChannelAffine(double[] Scale, double[] Shift)
{
    public bool IsFinite => Scale.All(double.IsFinite) && Shift.All(double.IsFinite);

    public bool HasScale => Scale.Any(value => value != 1);

    public bool HasShift => Shift.Any(value => value != 0);

    public static bool MayBe(Node node) => node.Domain.Length == 0 && node.Op is "BatchNormalization" or "Mul" or "Div" or "Add" or "Sub";

    /// <summary>
    /// What a node does to <paramref name="value"/> of the given rank, when that is a scale and shift for each of the
    /// <paramref name="channels"/> along <paramref name="axis"/>; null otherwise.
    /// </summary>
    public static ChannelAffine? Of(FoldScope scope, Node node, string value, int rank, int axis, int channels)
    {
        if (!MayBe(node) || !scope.OnlyFirstOutputUsed(node)) return null;
        if (node.Op == "BatchNormalization") return node.Input(0) == value && axis == 1 ? BatchNormalization(scope.Graph, node, channels) : null;
        if (node.Inputs.Count != 2 || (node.Input(0) == value) == (node.Input(1) == value)) return null;
        var first = node.Input(0) == value;
        if (scope.Graph.Constant(node.Input(first ? 1 : 0)) is not { } constant || PerChannel(constant, rank, axis, channels) is not { } operand) return null;
        return (node.Op, first) switch
        {
            ("Mul", _) => new(operand, new double[channels]),
            ("Div", true) => new(Array.ConvertAll(operand, x => 1 / x), new double[channels]),
            ("Add", _) => new(Filled(channels, 1), operand),
            ("Sub", true) => new(Filled(channels, 1), Array.ConvertAll(operand, x => -x)),
            ("Sub", false) => new(Filled(channels, -1), operand),
            _ => null,
        };
    }

    /// <summary>A constant that is one number a channel, or one for all, and doesn't enlarge a value of this rank when broadcast.</summary>
    private static double[]? PerChannel(Tensor constant, int rank, int axis, int channels)
    {
        if (!constant.IsFloat || constant.Rank > rank) return null;
        if (constant.Count == 1) return Filled(channels, constant.Doubles()[0]);
        var at = axis - (rank - constant.Rank);
        return at >= 0 && constant.Count == channels && constant.Dims[at] == channels ? constant.Doubles() : null;
    }

    private static ChannelAffine? BatchNormalization(OnnxGraph graph, Node node, int channels)
    {
        if (node.Int("training_mode") != 0 || node.Outputs.Count(output => output.Length > 0) > 1) return null; // further outputs: training, before opset 14
        if (node.Int("spatial", 1) == 0) return null;
        double[]? Parameter(int input) => graph.Constant(node.Input(input)) is { IsFloat: true } tensor && tensor.Count == channels ? tensor.Doubles() : null;
        if (Parameter(1) is not { } gamma || Parameter(2) is not { } beta || Parameter(3) is not { } mean || Parameter(4) is not { } variance) return null;

        var epsilon = (double)node.Float("epsilon", 1e-5f);
        var scale = gamma.Select((value, c) => value / Math.Sqrt(variance[c] + epsilon)).ToArray();
        return new(scale, [.. beta.Select((value, c) => value - mean[c] * scale[c])]);
    }

    private static double[] Filled(int count, double value)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}
