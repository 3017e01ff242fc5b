using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Conv, ConvTranspose, Gemm or MatMul followed by a per-channel scale and shift: s·(W·x + b) + t = (s·W)·x + (s·b + t).
/// Only when nobody else reads the layer's output. The layer then writes the value that the folded node wrote.
/// </summary>
internal static class FoldIntoPrevious
{
    public static void Apply(FoldScope scope)
    {
        foreach (var layer in scope.Graph.Nodes.ToArray())
            while (Once(scope, layer) is { } fold)
                scope.Changed(fold);
    }

    private static Fold? Once(FoldScope scope, Node layer)
    {
        if (FoldTarget.Of(scope, layer) is not var (weights, layout)) return null;
        ChannelAffine? Affine(Node? node, string value) => node is null ? null : ChannelAffine.Of(scope, node, value, layout.Rank, layout.Axis, layout.Outputs);

        // MatMul has no bias of its own: it stands in an Add behind.
        var sum = layer;
        var bias = layer.Op == "MatMul" ? new double[layout.Outputs] : FoldTarget.Bias(scope.Graph, layer, layout.Outputs);
        if (layer.Op == "MatMul" && scope.Index.OnlyConsumer(layer.Output) is { } next && next.Is("Add") && Affine(next, layer.Output) is { } added)
            (sum, bias) = (next, added.Shift);

        var node = scope.Index.OnlyConsumer(sum.Output);
        if (bias is null || Affine(node, sum.Output) is not { IsFinite: true } affine) return null;
        var fold = new Fold(FoldKind.IntoPrevious, node!.Name, node.Op, layer.Name);

        var shifted = weights.WithDoubles([.. bias.Select((value, c) => affine.Scale[c] * value + affine.Shift[c])], layout.Outputs);
        if (affine.HasScale) scope.SetInput(layer, 1, FoldTarget.Scale(weights, layout.OutputOf, affine.Scale));
        if (sum.Op == "MatMul" && affine.HasShift)
        {
            FoldTarget.BecomeAdd(scope, node, sum.Output, shifted);
            return fold;
        }
        if (sum.Op == "Add") scope.SetInput(sum, sum.Inputs.FindIndex(scope.Graph.Constants.ContainsKey), shifted);
        else if (sum.Op != "MatMul") FoldTarget.SetBias(scope, layer, shifted);
        sum.Outputs[0] = node.Output;
        scope.Graph.Nodes.Remove(node);
        return fold;
    }
}
