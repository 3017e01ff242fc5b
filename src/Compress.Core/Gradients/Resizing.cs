using Compress.Graph;

namespace Compress.Gradients;

/// <summary>Resize (opset 13) in mode nearest by whole factors: every input position becomes a block, whose gradients are summed.</summary>
internal static class Resizing
{
    public static void Nearest(GradientScope s, Node n)
    {
        var x = n.Inputs[0];
        if (n.Text("mode", "nearest") != "nearest") throw GradientRules.Refuse(n, $"its mode is {n.Text("mode")}");
        var (from, to) = (s.Dims(x), s.Dims(n.Output));
        if (from.Length < 3 || from[0] != to[0] || from[1] != to[1]) throw GradientRules.Refuse(n, "it resizes more than the spatial axes");
        long[] factors = [.. Enumerable.Range(2, from.Length - 2).Select(axis => IsBlocks(n, from[axis], to[axis]) ? to[axis] / from[axis] : throw GradientRules.Refuse(n, "positions do not become blocks of equal size"))];
        var mean = s.Op("AveragePool", [s.Gradient(n.Output)!], node => node.Set("kernel_shape", factors).Set("strides", factors));
        s.Add(x, s.Scale(mean, factors.Aggregate(1L, (product, factor) => product * factor)));
    }

    /// <summary>Whether output position i is input position ⌊i / factor⌋, by the formulas of the operator.</summary>
    private static bool IsBlocks(Node n, long from, long to)
    {
        if (to % from != 0) return false;
        var (factor, transform, rounding) = (to / from, n.Text("coordinate_transformation_mode", "half_pixel"), n.Text("nearest_mode", "round_prefer_floor"));
        return Enumerable.Range(0, (int)to).All(i =>
        {
            var position = transform switch
            {
                "half_pixel" or "half_pixel_symmetric" => ((i + 0.5) / factor) - 0.5,
                "pytorch_half_pixel" => to > 1 ? ((i + 0.5) / factor) - 0.5 : 0,
                "asymmetric" => (double)i / factor,
                "align_corners" => to > 1 ? i * (from - 1.0) / (to - 1) : 0,
                _ => double.NaN,
            };
            var nearest = rounding switch
            {
                "floor" => Math.Floor(position),
                "ceil" => Math.Ceiling(position),
                "round_prefer_ceil" => Math.Floor(position + 0.5),
                _ => Math.Ceiling(position - 0.5),
            };
            return Math.Clamp(nearest, 0, from - 1) == i / factor;
        });
    }
}
