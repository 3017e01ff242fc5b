using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Gradients;

/// <summary>Operators that move values without changing them.</summary>
internal static class Shaping
{
    /// <summary>Reshape, Flatten, Squeeze, Unsqueeze.</summary>
    public static void Reshape(GradientScope s, Node n) => s.Add(n.Inputs[0], s.ReshapeAs(s.Gradient(n.Output)!, n.Inputs[0]));

    public static void Transpose(GradientScope s, Node n)
    {
        var rank = s.Rank(n.Inputs[0]);
        var perm = n.Ints("perm") ?? [.. Enumerable.Range(0, rank).Select(axis => (long)(rank - 1 - axis))];
        s.Add(n.Inputs[0], s.Transpose(s.Gradient(n.Output)!, [.. Enumerable.Range(0, rank).Select(axis => (long)Array.IndexOf(perm, axis))]));
    }

    public static void Expand(GradientScope s, Node n) => s.AddBroadcast(n.Inputs[0], n.Output, () => s.Gradient(n.Output)!);

    /// <summary>Between float types; gradients stay float32, which the check of types sees to.</summary>
    public static void Cast(GradientScope s, Node n)
    {
        if (n.Int("to") != (int)DataType.Float) throw GradientRules.Refuse(n, $"it casts to {(DataType)n.Int("to")}");
        s.Add(n.Inputs[0], s.Gradient(n.Output)!);
    }

    public static void SpaceToDepth(GradientScope s, Node n) =>
        s.Add(n.Inputs[0], s.Op("DepthToSpace", [s.Gradient(n.Output)!], node => node.Set("blocksize", n.Int("blocksize"))));

    /// <summary>In DCR order SpaceToDepth undoes it; in CRD order channels come before the block.</summary>
    public static void DepthToSpace(GradientScope s, Node n)
    {
        var (g, block) = (s.Gradient(n.Output)!, n.Int("blocksize"));
        if (n.Text("mode", "DCR") == "DCR")
        {
            s.Add(n.Inputs[0], s.Op("SpaceToDepth", [g], node => node.Set("blocksize", block)));
            return;
        }
        var dims = s.Dims(n.Output);
        var blocks = s.Transpose(s.Reshape(g, -1, dims[1], dims[2] / block, block, dims[3] / block, block), 0, 1, 3, 5, 2, 4);
        s.Add(n.Inputs[0], s.ReshapeAs(blocks, n.Inputs[0]));
    }
}
