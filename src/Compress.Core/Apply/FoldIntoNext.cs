using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// A per-channel scale and shift followed by a linear layer: W·(s·x + t) + b = (W·s)·x + (W·t + b). A shift only where the layer
/// sees every input everywhere: zero padding would come after the shift, so a padded Conv takes up a scale alone.
/// </summary>
internal static class FoldIntoNext
{
    public static void Apply(FoldScope scope)
    {
        foreach (var node in scope.Graph.Nodes.ToArray().Reverse()) // the nearest to the layer first
            if (ChannelAffine.MayBe(node) && Once(scope, node) is { } fold) scope.Changed(fold);
    }

    private static Fold? Once(FoldScope scope, Node node)
    {
        if (scope.Index.OnlyConsumer(node.Output) is not { } layer || layer.Inputs.Count(input => input == node.Output) != 1) return null;
        if (SequenceForm.EndsGelu(scope.Index, node)) return null;
        if (layer.Input(0) != node.Output || FoldTarget.Of(scope, layer) is not var (weights, layout) || layer.Int("transA") != 0) return null;

        // A constant of several elements could enlarge the value; only BatchNormalization is known not to.
        var data = node.Inputs.FirstOrDefault(input => !scope.Graph.Constants.ContainsKey(input), "");
        // One number of a lower rank than the layer's input enlarges nothing: the data have that rank then.
        var rank = node.Op == "BatchNormalization" ? layout.Rank : layer.Op != "MatMul" && node.Inputs.Any(input => scope.Graph.Constant(input) is { Count: 1 }) ? layout.Rank - 1 : 0;
        if (ChannelAffine.Of(scope, node, data, rank, layout.Axis, layout.Inputs) is not { IsFinite: true } affine) return null;
        if (affine.HasShift && !TakesShift(layer)) return null;
        if (FoldTarget.Bias(scope.Graph, layer, layout.Outputs) is not { } bias) return null;

        if (affine.HasShift)
        {
            var alpha = (double)layer.Float("alpha", 1);
            var values = weights.Doubles();
            for (var i = 0; i < values.Length; i++) bias[layout.OutputOf(i)] += alpha * values[i] * affine.Shift[layout.InputOf(i)];
            FoldTarget.SetBias(scope, layer, weights.WithDoubles(bias, layout.Outputs));
        }
        scope.SetInput(layer, 1, FoldTarget.Scale(weights, layout.InputOf, affine.Scale));
        layer.Inputs[0] = data;
        scope.Graph.Nodes.Remove(node);
        return new(FoldKind.IntoNext, node.Name, node.Op, layer.Name);
    }

    public static bool TakesShift(Node layer) => layer.Op switch
    {
        "Gemm" => true,
        "Conv" => layer.Text("auto_pad", "NOTSET") is "NOTSET" or "VALID" && (layer.Ints("pads") ?? []).All(pad => pad == 0),
        _ => false, // MatMul has no bias; ConvTranspose reaches its borders with fewer inputs
    };
}
