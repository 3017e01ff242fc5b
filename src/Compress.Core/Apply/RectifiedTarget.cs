using Compress.Analysis;
using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Least squares that knows of the ReLU behind a layer: where the float model has zero there, any output that gives zero is right, and capacity is not
/// spent on how far below zero it was (the asymmetric reconstruction of Zhang, Zou, He, Sun: "Accelerating very deep convolutional networks",
/// TPAMI 2016). Solved in turns: targets that are already met behind the ReLU move to what the layer gives, then the layer is fitted again.
/// </summary>
internal static class RectifiedTarget
{
    /// <summary>After so many turns of moving and fitting little changes.</summary>
    public const int Turns = 3;

    /// <summary>
    /// For each output of the layer the largest value that is still right, where the float model has zero behind a ReLU that follows at once or behind a
    /// residual addition; +∞ elsewhere. Null without a ReLU.
    /// </summary>
    /// <param name="compressed">A value of the compressed stream, or null where it isn't known yet.</param>
    public static float[][]? Ceiling(Layer layer, Tensor[] target, OnnxGraph graph, GraphIndex index, Func<string, Tensor[]?> compressed)
    {
        if (layer.Output != layer.Node.Output || layer.Bias is null || index.OnlyConsumer(layer.Output) is not { Domain: "" } next) return null;
        if (Rectifies(next, graph)) return [.. target.Select(tensor => Array.ConvertAll(tensor.Floats(), y => y > 0 ? float.PositiveInfinity : 0))];
        if (next.Op != "Add" || index.OnlyConsumer(next.Output) is not { Domain: "" } behind || !Rectifies(behind, graph)) return null;
        var other = next.Inputs[0] == layer.Output ? next.Inputs[1] : next.Inputs[0];
        if (other == layer.Output || compressed(other) is not { } here || here[0].Count != target[0].Count) return null;
        return [.. target.Select((tensor, b) => tensor.Floats().Zip(here[b].Floats(), (y, shortcut) => y + shortcut > 0 ? float.PositiveInfinity : -shortcut).ToArray())];
    }

    /// <summary>The target nearest to what the layer gives, among those that look the same behind the ReLU.</summary>
    public static Tensor[] Nearest(Tensor[] target, float[][] ceiling, Tensor[] output) =>
    [
        .. target.Select((tensor, b) =>
        {
            var (y, z) = (tensor.Floats(), output[b].Floats());
            var moved = new float[y.Length];
            for (var i = 0; i < y.Length; i++) moved[i] = float.IsPositiveInfinity(ceiling[b][i]) ? y[i] : Math.Min(ceiling[b][i], z[i]);
            return Tensor.Of(moved, tensor.Dims);
        }),
    ];

    private static bool Rectifies(Node node, OnnxGraph graph) =>
        node.Op == "Relu" || (node.Op == "Clip" && graph.Constant(node.Input(1)) is { IsFloat: true, Count: 1 } low && low.Floats()[0] == 0);
}
