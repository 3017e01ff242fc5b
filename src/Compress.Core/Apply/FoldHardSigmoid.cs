using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// Hard-sigmoid that is written out becomes one node (ONNX HardSigmoid, opset 6): Clip(x + b, 0, m) / m with slope 1/m and offset b/m. The division may also
/// stand behind the product of a hard-swish, x · Clip(x + 3, 0, 6) / 6: networks for phones have one behind most convolutions, and each node is a pass over the memory.
/// </summary>
internal static class FoldHardSigmoid
{
    public static void Apply(FoldScope scope)
    {
        foreach (var clip in scope.Graph.Nodes.Where(node => node.Is("Clip")).ToArray())
        {
            if (MostOf(scope, clip) is not { } most || scope.Index.Producer(clip.Inputs[0]) is not { Op: "Add" } sum || scope.Index.OnlyConsumer(sum.Output) != clip) continue;
            if (FoldScalars.Constant(scope, sum) is not { } summand || Division(scope, clip, most) is not { } divide) continue;
            GraphEdit.ReplaceUses(scope.Graph, divide.Output, FoldScalars.Data(scope, divide)!);
            var data = FoldScalars.Data(scope, sum)!;
            scope.Graph.Nodes.Remove(divide);
            scope.Graph.Nodes.Remove(sum);
            clip.Op = "HardSigmoid";
            clip.Inputs.Clear();
            clip.Inputs.Add(data);
            clip.Set("alpha", (float)(1 / most)).Set("beta", (float)(summand / most));
            scope.Changed(new(FoldKind.HardSigmoid, sum.Name, sum.Op, clip.Name));
        }
    }

    /// <summary>The upper bound of a Clip from 0; null: it is another. ONNX Runtime has HardSigmoid for float32 alone.</summary>
    private static double? MostOf(FoldScope scope, Node clip)
    {
        double? Bound(int input) => scope.Graph.Constant(clip.Input(input)) is { Type: DataType.Float, Count: 1 } bound ? bound.Doubles()[0] : null;
        return Bound(1) == 0 && Bound(2) is > 0 and var most && double.IsFinite(most) ? most : null;
    }

    /// <summary>The division by the bound: of the Clip itself, or of a product that it is a factor of.</summary>
    private static Node? Division(FoldScope scope, Node clip, double most)
    {
        var next = scope.Index.OnlyConsumer(clip.Output);
        if (next is not null && next.Is("Mul") && next.Inputs.Count(input => input == clip.Output) == 1 && !next.Inputs.Any(scope.Graph.Constants.ContainsKey)) next = scope.Index.OnlyConsumer(next.Output);
        return next is not null && !scope.Graph.IsOutput(next.Output) && FoldScalars.Factor(scope, next) is { } factor && Math.Abs((factor * most) - 1) < 1e-6 ? next : null;
    }
}
