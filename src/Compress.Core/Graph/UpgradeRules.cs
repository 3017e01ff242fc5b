using Compress.Diagnostics;

namespace Compress.Graph;

/// <summary>The rewrites of <see cref="OpsetRules"/>, but Resize's. Each leaves a node that computes the same, or refuses.</summary>
internal static class UpgradeRules
{
    /// <summary>Opset 9: statistics for each element (spatial = 0) are gone.</summary>
    public static void RequireSpatial(UpgradeScope scope, Node node)
    {
        if (node.Int("spatial", 1) == 0) throw UpgradeScope.Fail(node, "statistics for each element (spatial = 0) exist only before opset 9");
        node.Attributes.Remove("spatial");
    }

    /// <summary>Opset 9: the first dimension is no batch any more, lengths of sequences are gone.</summary>
    public static void RefuseBatchedScan(UpgradeScope scope, Node node) =>
        throw UpgradeScope.Fail(node, "its batch dimension exists only in opset 8");

    /// <summary>Opset 10: the mask is boolean. 12 makes it all true in inference, where older kernels leave it zero.</summary>
    public static void RequireUnusedMask(UpgradeScope scope, Node node)
    {
        if (node.Outputs.Count < 2) return;
        if (scope.IsUsed(node.Outputs[1])) throw UpgradeScope.Fail(node, "its mask is in use, and means something else in newer opsets");
        node.Outputs.RemoveAt(1);
    }

    /// <summary>Opset 10: starts, ends and axes are inputs.</summary>
    public static void SliceToInputs(UpgradeScope scope, Node node)
    {
        scope.AttributeToInput(node, "starts", 1);
        scope.AttributeToInput(node, "ends", 2);
        scope.AttributeToInput(node, "axes", 3);
    }

    /// <summary>Opset 10: k is an input of one element.</summary>
    public static void CountToInput(UpgradeScope scope, Node node)
    {
        UpgradeScope.SetInput(node, 1, scope.Add(node, "k", Tensor.List(node.Int("k"))));
        node.Attributes.Remove("k");
    }

    /// <summary>Opset 11: min and max are inputs of the data's type.</summary>
    public static void BoundsToInputs(UpgradeScope scope, Node node)
    {
        if (node.Attributes.Remove("min", out var min)) UpgradeScope.SetInput(node, 1, scope.AddScalar(node, "min", min.F, node.Input(0)));
        if (node.Attributes.Remove("max", out var max)) UpgradeScope.SetInput(node, 2, scope.AddScalar(node, "max", max.F, node.Input(0)));
    }

    /// <summary>Opset 11: pads and value are inputs, the value of the data's type.</summary>
    public static void PadsToInputs(UpgradeScope scope, Node node)
    {
        scope.AttributeToInput(node, "pads", 1);
        if (node.Attributes.Remove("value", out var value) && value.F != 0) UpgradeScope.SetInput(node, 2, scope.AddScalar(node, "value", value.F, node.Input(0)));
    }

    /// <summary>Opset 11: the same under a new name.</summary>
    public static void ToScatterElements(UpgradeScope scope, Node node) => node.Op = "ScatterElements";

    /// <summary>Opset 12: the ratio is an input, and without meaning in inference.</summary>
    public static void DropRatio(UpgradeScope scope, Node node)
    {
        RequireUnusedMask(scope, node);
        node.Attributes.Remove("ratio");
    }

    /// <summary>
    /// Opset 13: one axis is normalized, where before all axes from the given one (default 1) on were taken as one. The same when that is
    /// the last axis; otherwise the input is flattened there, and the output gets its shape back.
    /// </summary>
    public static void FlattenAroundSoftmax(UpgradeScope scope, Node node)
    {
        var (input, axis) = (node.Input(0), node.Int("axis", 1));
        node.Set("axis", -1);
        if (axis == -1 || axis == scope.Types.Rank(input) - 1) return;
        var shape = scope.Before(node, "shape", "Shape", [input]);
        node.Inputs[0] = scope.Before(node, "flat", "Flatten", [input], flatten => flatten.Set("axis", axis));
        scope.After(node, "2d", "Reshape", flat => [flat, shape]);
    }

    /// <summary>Opset 13 for ReduceSum, Squeeze and Unsqueeze, 18 for the other reductions: axes are an input. None means all, as before.</summary>
    public static void AxesToInput(UpgradeScope scope, Node node)
    {
        if (node.Ints("axes") is { Length: 0 }) node.Attributes.Remove("axes");
        scope.AttributeToInput(node, "axes", 1);
    }

    /// <summary>Opset 13: the lengths of the parts are an input.</summary>
    public static void SplitToInput(UpgradeScope scope, Node node) => scope.AttributeToInput(node, "split", 1);

    /// <summary>Opset 14: training is an attribute; before, further outputs meant that the batch's own statistics are used.</summary>
    public static void RequireInference(UpgradeScope scope, Node node)
    {
        if (node.Outputs.Skip(1).Any(output => output.Length > 0)) throw UpgradeScope.Fail(node, "it is in training mode, since it gives statistics");
        node.Outputs.RemoveRange(1, node.Outputs.Count - 1);
    }

    /// <summary>Opset 16: the default becomes a shift by half a pixel.</summary>
    public static void StateRoiCoordinates(UpgradeScope scope, Node node) => node.Set("coordinate_transformation_mode", "output_half_pixel");

    /// <summary>Opset 18: equal parts are asked for by their number.</summary>
    public static void CountSplits(UpgradeScope scope, Node node)
    {
        if (node.Input(1).Length == 0) node.Set("num_outputs", node.Outputs.Count);
    }

    /// <summary>Opset 20: the axis is an input without dimensions, and its default is another.</summary>
    public static void TransformAxisToInput(UpgradeScope scope, Node node)
    {
        UpgradeScope.SetInput(node, 2, scope.Add(node, "axis", Tensor.Of([node.Int("axis", 1)])));
        node.Attributes.Remove("axis");
    }

    /// <summary>Opset 20: modes hold for any number of dimensions and have other names.</summary>
    public static void RenameSampleModes(UpgradeScope scope, Node node) => node.Set("mode", node.Text("mode", "bilinear") switch
    {
        "bilinear" => "linear",
        "bicubic" => "cubic",
        var mode => mode,
    });

    /// <summary>Opset 21: scale and bias have one element a channel instead of one a group, so each is repeated for the channels of its group.</summary>
    public static void ScalePerChannel(UpgradeScope scope, Node node)
    {
        var groups = scope.Add(node, "groups", Tensor.List(node.Int("num_groups")));
        var one = scope.Add(node, "one", Tensor.List(1));
        var all = scope.Add(node, "all", Tensor.List(-1));
        var channels = scope.Before(node, "channels", "Shape", [node.Input(0)], shape => shape.Set("start", 1).Set("end", 2));
        var each = scope.Before(node, "each", "Div", [channels, groups]);
        var grid = scope.Before(node, "grid", "Concat", [groups, each], concat => concat.Set("axis", 0));
        foreach (var input in (int[])[1, 2])
        {
            var column = scope.Before(node, "column", "Unsqueeze", [node.Input(input), one]);
            var repeated = scope.Before(node, "repeated", "Expand", [column, grid]);
            UpgradeScope.SetInput(node, input, scope.Before(node, "flat", "Reshape", [repeated, all]));
        }
    }
}
