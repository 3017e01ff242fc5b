namespace Compress.Graph;

/// <summary>Upsample and Resize through opsets 9, 10, 11 and 13.</summary>
internal static class UpgradeResize
{
    /// <summary>Opset 9: scales are an input.</summary>
    public static void ScalesToInput(UpgradeScope scope, Node node)
    {
        if (!node.Attributes.Remove("scales", out var scales)) return;
        UpgradeScope.SetInput(node, 1, scope.Add(node, "scales", Tensor.Of([.. scales.Floats], scales.Floats.Count)));
    }

    /// <summary>Opset 10: Upsample is a Resize that only enlarges.</summary>
    public static void ToResize(UpgradeScope scope, Node node) => node.Op = "Resize";

    /// <summary>
    /// Opset 11: coordinates are named; they were asymmetric. "nearest" took the next smaller pixel when enlarging and the next larger when
    /// shrinking (ONNX Runtime), so scales of both kinds, or unknown ones, need a Resize for each.
    /// </summary>
    public static void StateCoordinates(UpgradeScope scope, Node node)
    {
        var scales = node.Input(1);
        var known = scope.Types.Constant(scales) is { IsFloat: true } constant ? constant.Floats() : null;
        var nearest = node.Text("mode", "nearest") == "nearest";
        var none = scope.Add(node, "none", Tensor.Of((float[])[], 0));
        if (!nearest || known?.All(scale => scale >= 1) == true) State(node, none, scales, nearest ? "floor" : "");
        else if (known?.All(scale => scale <= 1) == true) State(node, none, scales, "ceil");
        else
        {
            var one = scope.Add(node, "one", Tensor.Scalar(1));
            var shrink = scope.Before(node, "shrink", "Min", [scales, one]);
            var enlarge = scope.Before(node, "enlarge", "Max", [scales, one]);
            node.Inputs[0] = scope.Before(node, "enlarged", "Resize", [node.Input(0)], resize => State(resize, none, enlarge, "floor"));
            State(node, none, shrink, "ceil");
        }
    }

    /// <summary>Opset 13: what is not given is left out. One way to place coordinates is gone, which has an equal in the nearest-pixel cases.</summary>
    public static void DropEmptyInputs(UpgradeScope scope, Node node)
    {
        if (node.Text("coordinate_transformation_mode") != "tf_crop_and_resize" && node.Inputs.Count > 1) node.Inputs[1] = "";
        if (node.Input(3).Length > 0) node.Inputs[2] = "";
        if (node.Text("coordinate_transformation_mode") != "tf_half_pixel_for_nn") return;
        if (node.Text("mode", "nearest") != "nearest" || Shifted(node) is not { } rounding)
            throw UpgradeScope.Fail(node, "its coordinates 'tf_half_pixel_for_nn' exist only before opset 13");
        node.Set("coordinate_transformation_mode", "half_pixel").Set("nearest_mode", rounding);
    }

    /// <summary>How to round x − ½ to get what the node gets by rounding x: half_pixel lies half a pixel lower.</summary>
    private static string? Shifted(Node node) => node.Text("nearest_mode", "round_prefer_floor") switch
    {
        "floor" => "round_prefer_ceil",
        "round_prefer_floor" => "ceil",
        _ => null,
    };

    private static void State(Node node, string roi, string scales, string rounding)
    {
        UpgradeScope.SetInput(node, 2, scales);
        node.Inputs[1] = roi;
        node.Set("coordinate_transformation_mode", "asymmetric");
        if (rounding.Length > 0) node.Set("mode", "nearest").Set("nearest_mode", rounding);
    }
}
